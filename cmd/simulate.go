package cmd

import (
	"github.com/spf13/cobra"

	"muster/pkg/lab"
)

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
