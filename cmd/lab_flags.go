package cmd

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"muster/pkg/lab"
)

// defaultLabSize is the number of instances of --lab without a number.
const defaultLabSize = "5"

const maxLabSize = lab.MaxInstances

// labFlag is the size of a throwaway lab.
type labFlag int

func (f *labFlag) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.Itoa(int(*f))
}

func (f *labFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLabSize {
		return fmt.Errorf("want a number of instances from 1 to %d", maxLabSize)
	}
	*f = labFlag(n)
	return nil
}

func (f *labFlag) Type() string { return "N" }

// readFaults reads what is to go wrong. It is a lab's to do that, so there must be one that this process makes.
func (a *app) readFaults(cmd *cobra.Command) error {
	if len(a.faultTexts) > 0 && a.labSize == 0 && cmd.Name() != "lab" {
		return usagef("--fault is for a lab: add --lab=5, or start one with muster lab --fault %s", a.faultTexts[0])
	}
	if a.flags.Changed("fault-seed") && a.labSize == 0 && cmd.Name() != "lab" {
		return usagef("--fault-seed is for a lab with faults: add --lab=5 and --fault")
	}
	for _, text := range a.faultTexts {
		fault, err := lab.ParseFault(text)
		if err != nil {
			return usagef("--%w", err)
		}
		a.faults = append(a.faults, fault)
	}
	return nil
}

// readSimulation reads how a lab's instances are to act as if they ran scripts, which a lab that this process makes can do.
func (a *app) readSimulation(cmd *cobra.Command) error {
	if !a.flags.Changed("simulate") {
		return nil
	}
	if a.labSize == 0 && cmd.Name() != "lab" {
		return usagef("--simulate is for a lab: add --lab=5, or start one with muster lab --simulate %s", a.simulationText)
	}
	s, err := lab.ParseSimulation(a.simulationText)
	if err != nil {
		return usagef("--simulate: %w", err)
	}
	a.simulation = s
	return nil
}
