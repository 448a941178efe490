package cmd

import (
	"github.com/spf13/cobra"

	"muster/pkg/lab"
)

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
