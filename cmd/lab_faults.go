package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/spf13/cobra"

	"muster/pkg/lab"
	"muster/pkg/render"
)

func newLabFaultsCommand(a *app) *cobra.Command {
	choice := new(labChoice)
	cmd := &cobra.Command{
		Use:     "faults [flags]",
		Short:   "Print how often the injected faults have happened",
		Long:    `Print how often each fault of the running lab has happened so far.`,
		Example: `  muster lab faults`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLabFaults(cmd.Context(), a, choice) },
	}
	choice.add(cmd.Flags())
	return cmd
}

func runLabFaults(ctx context.Context, a *app, choice *labChoice) error {
	return a.useRunningLab(ctx, choice, func(s *session) error {
		answer := new(lab.FaultCountsResponse)
		if err := s.caller.Call(ctx, new(lab.FaultCountsRequest), answer); err != nil {
			return err
		}
		if len(answer.Faults) == 0 && !a.config.Quiet {
			a.note("the lab has no faults: add some with muster lab --fault; see docs/lab.md")
		}
		return a.print(&faultsDocument{Faults: answer.Faults})
	})
}

// faultsDocument reports how often each fault has happened.
type faultsDocument struct{ Faults []lab.FaultCount }

// Records returns the faults.
func (d *faultsDocument) Records() iter.Seq2[any, error] { return render.Records(d.Faults) }

// Record returns an empty fault.
func (d *faultsDocument) Record() any { return lab.FaultCount{} }

// WriteTable writes a line for each fault.
func (d *faultsDocument) WriteTable(w io.Writer, _ render.Style) error {
	for _, fault := range d.Faults {
		if _, err := fmt.Fprintln(w, faultLine(fault)); err != nil {
			return err
		}
	}
	return nil
}

func faultLine(fault lab.FaultCount) string {
	if fault.Count == 1 {
		return fault.Fault + " happened once"
	}
	return fmt.Sprintf("%s happened %d times", fault.Fault, fault.Count)
}

// noteFaults reports how often each fault happened, when the lab ends.
func noteFaults(p *printer, machine *lab.Lab) {
	if p.config.Quiet {
		return
	}
	for _, fault := range machine.FaultList() {
		p.note("%s", faultLine(fault))
	}
}

// seedOf returns the seed of random faults: --fault-seed, or a random number, which is reported so that it can be reused.
func (f *labFlags) seedOf(p *printer, faults []lab.Fault) uint64 {
	shared := slices.ContainsFunc(faults, func(fault lab.Fault) bool { return fault.Share > 0 })
	if !shared || p.flags.Changed("fault-seed") {
		return f.seed
	}
	seed := rand.Uint64N(1_000_000)
	if !p.config.Quiet {
		p.note("the faults are random: --fault-seed %d repeats them", seed)
	}
	return seed
}
