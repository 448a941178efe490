package cmd

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/lab"
)

// defaultLabSize is the number of instances of --lab without a number.
const defaultLabSize = "5"

const maxLabSize = lab.MaxInstances

// labFlags are the flags of labs that run in this process.
type labFlags struct {
	size           int // of --lab; 0 without it
	faultTexts     []string
	faults         []lab.Fault // of --fault, parsed
	seed           uint64
	simulationText string          // of --simulate
	simulation     *lab.Simulation // of --simulate, parsed; nil without it
}

func (f *labFlags) add(flags *pflag.FlagSet) {
	groupService.add(flags, func(flags *pflag.FlagSet) {
		flags.Var((*labSize)(&f.size), "lab", "use a throwaway lab of this many instances on this machine instead of the cloud; 5 without a number")
		flags.Lookup("lab").NoOptDefVal = defaultLabSize
	})
	groupLab.add(flags, func(flags *pflag.FlagSet) {
		addValues(flags, &f.faultTexts, "fault", "", "`FAULT`: inject a fault, such as RunCommand=Throttling*3, RunCommand=drop@20% or task=hang; see docs/lab.md")
		flags.Var((*seedFlag)(&f.seed), "fault-seed", "seed for random faults and simulated instances (default: random, and printed)")
		flags.StringVar(&f.simulationText, "simulate", "", "`DURATION`: simulate instances that take this long instead of running scripts, such as 2s, or as in a fleet file: '{duration: 2s, exit: {0: 97%, 1: 3%}}'")
	})
}

// labSize is the number of instances of a throwaway lab.
type labSize int

func (f *labSize) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.Itoa(int(*f))
}

func (f *labSize) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLabSize {
		return fmt.Errorf("want a number of instances from 1 to %d", maxLabSize)
	}
	*f = labSize(n)
	return nil
}

func (f *labSize) Type() string { return "N" }

// read reads the faults and the simulation, which need a lab in this process.
func (f *labFlags) read(cmd *cobra.Command) error {
	makesLab := f.size > 0 || cmd.Name() == labCommand
	switch {
	case len(f.faultTexts) > 0 && !makesLab:
		return usagef("--fault is for a lab: add --lab=5, or start one with muster lab --fault %s", f.faultTexts[0])
	case cmd.Flags().Changed("fault-seed") && !makesLab:
		return usagef("--fault-seed is for a lab with faults: add --lab=5 and --fault")
	}
	for _, text := range f.faultTexts {
		fault, err := lab.ParseFault(text)
		if err != nil {
			return usagef("--%w", err)
		}
		f.faults = append(f.faults, fault)
	}
	if !cmd.Flags().Changed("simulate") {
		return nil
	}
	if !makesLab {
		return usagef("--simulate is for a lab: add --lab=5, or start one with muster lab --simulate %s", f.simulationText)
	}
	var err error
	if f.simulation, err = lab.ParseSimulation(f.simulationText); err != nil {
		return usagef("--simulate: %w", err)
	}
	return nil
}
