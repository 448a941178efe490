package cmd

import (
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/journal"
	"muster/pkg/render"
)

func newRunsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the runs that were started here, and go on with them",
		Long: `List the runs that were started by this user on this machine, newest first. Each has a journal, from which it can be
shown, gone on with after an interrupt, a crash or a reboot, and run again for some of its targets.`,
		Example: `  muster runs
  muster runs show last
  muster runs resume 20270606t131530-8c1f03ab
  muster runs rerun last --only exit,timeout
  muster runs -o json | jq -r '.Runs[] | select(.Status == "Unfinished") | .RunId'`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return listRuns(a) },
	}
	cmd.AddCommand(newRunsShowCommand(a), newRunsResumeCommand(a), newRunsRerunCommand(a), newRunsRmCommand(a))
	return cmd
}

func listRuns(a *app) error {
	dir, err := a.runsDir()
	if err != nil {
		return err
	}
	list, err := dir.List()
	if err != nil {
		return err
	}
	document := &render.Runs{Runs: []render.RunSummary{}}
	for _, run := range list {
		document.Runs = append(document.Runs, a.summary(run))
	}
	return a.print(document)
}

func (a *app) summary(run journal.Summary) render.RunSummary {
	if run.Err != nil {
		a.note("run %s cannot be read: %s", run.RunId, a.explain(run.Err))
		return render.RunSummary{RunId: run.RunId, Status: "Unreadable"}
	}
	s := render.RunSummary{
		RunId: run.RunId, Action: run.Action, Script: run.Script, StartTime: run.Time.UTC().Format(time.RFC3339), Total: run.Total,
		Status: "Unfinished",
	}
	s.RegionId, s.Profile = render.JoinSites(run.List())
	switch {
	case run.End != nil:
		s.FinishTime, s.Counts = run.End.Time.UTC().Format(time.RFC3339), run.End.Counts
		s.Status = string(run.End.Status)
		if !assist.ParseStatus(s.Status).Terminal() {
			s.Status = "Interrupted"
		}
	case run.Running:
		s.Status = "Running"
	case run.Deferred:
		s.Status = "Submitted"
	}
	return s
}

// oneRun takes the id of a run.
func oneRun(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("want one run: its id, any beginning of it that no other run has, or last; muster runs lists them")
	}
	return nil
}

// findRun gives the id of a run that was named on the command line.
func (a *app) findRun(text string) (journal.Dir, string, error) {
	dir, err := a.runsDir()
	if err != nil {
		return dir, "", err
	}
	id, err := dir.Find(text)
	return dir, id, err
}
