package cmd

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/render"
)

func newRunsCommand(a *app) *cobra.Command {
	limit := 0
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List, resume and rerun what was run from this machine",
		Long: `List the runs that you started on this machine, newest first. Each has a journal: show the run from it,
resume it after an interrupt, a crash or a reboot, or rerun it for some of its targets.`,
		Example: `  muster runs --limit 10
  muster runs show last --only exit,timeout
  muster runs report last -o report.html
  muster runs resume 20270606t131530217-8c1f03ab
  muster runs rerun last --only exit,timeout
  muster runs -o json | jq -r '.Runs[] | select(.Status == "Unfinished") | .RunId'`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return listRuns(a, limit) },
	}
	addLimit(cmd.Flags(), &limit)
	addPager(cmd.Flags())
	cmd.AddCommand(newRunsShowCommand(a), newRunsWaitCommand(a), newRunsStopCommand(a), newRunsLogsCommand(a), newRunsResumeCommand(a), newRunsRerunCommand(a), newRunsReportCommand(a), newRunsRmCommand(a))
	return cmd
}

func listRuns(a *app, limit int) error {
	dir, err := runsDir()
	if _, nowhere := errors.AsType[*config.NoDirError](err); nowhere {
		if !a.config.Quiet {
			a.note("no runs are recorded here: %s", a.explain(err))
		}
		return a.print(render.NewRuns(nil))
	}
	if err != nil {
		return err
	}
	list, err := dir.List()
	if err != nil {
		return err
	}
	for _, run := range list {
		if run.Err != nil {
			a.note("run %s cannot be read: %s", run.RunId, a.explain(run.Err))
		}
	}
	if len(list) == 0 && !a.wantsJSON() && !a.config.Quiet {
		a.note("no runs are recorded yet, or all have been removed: muster run records each run in %s", dir.Path)
	}
	printed, sayMore := limited(a.printer, list, limit, "runs")
	defer sayMore()
	var runs []render.RunSummary
	for _, run := range printed {
		runs = append(runs, summarize(run))
	}
	return a.print(render.NewRuns(runs))
}

func summarize(run journal.Summary) render.RunSummary {
	if run.Err != nil {
		return render.RunSummary{RunId: run.RunId, Status: render.RunUnreadable}
	}
	s := render.RunSummary{
		RunId: run.RunId, Action: run.Action, Script: run.Script, StartTime: run.Time.UTC(), Total: run.Total,
		RegionId: strings.Join(run.Regions(), ","), Profile: strings.Join(run.Profiles, ","), Status: render.RunUnfinished,
	}
	switch end := run.End(); {
	case end != nil:
		s.FinishTime, s.Counts, s.Status = end.Time.UTC(), end.Counts, string(end.Status)
		if end.Event == fleet.Interrupted {
			s.Status = render.RunInterrupted
		}
	case run.Running:
		s.Status = render.RunRunning
	case run.Deferred, run.Detached:
		s.Status = render.RunSubmitted
	}
	return s
}

// oneRun accepts one run.
func oneRun(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("want one run: its id, a unique beginning or end of it, last, or last~1 for the one before; muster runs lists them")
	}
	return nil
}
