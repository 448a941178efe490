package cmd

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/render"
	"muster/pkg/sleep"
	"muster/pkg/term"
)

// logsOptions are the flags of `muster runs logs`.
type logsOptions struct {
	follow       bool
	secretParams []string
	targets      selectorFlags
}

func newRunsLogsCommand(a *app) *cobra.Command {
	o := new(logsOptions)
	cmd := &cobra.Command{
		Use:   "logs [flags] RUN",
		Short: "Print what a run's scripts have written, line by line",
		Long: `Print what the scripts of a run have written so far, each line after the name of its instance. Outputs of
instances that have finished are read from the journal, the others from the service. With --follow, continue until everything
that the run has submitted has finished.

RUN is an id, a unique beginning or end of one, last, or last~1 for the one before.`,
		Example: `  muster runs logs last
  muster runs logs last --follow
  muster runs logs last -i 'web-[001-010]'`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error { return printLogs(cmd.Context(), a, o, args[0]) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.follow, "follow", false, "continue to print what is written until the run has finished")
	addSecretParams(flags, &o.secretParams)
	o.targets.addTerms(flags)
	o.targets.addConditions(flags)
	return cmd
}

func printLogs(ctx context.Context, a *app, o *logsOptions, text string) (err error) {
	if !slices.Contains([]string{string(render.Table), string(render.Wide), string(render.NDJSON)}, a.config.Output) || a.query.parsed != nil && a.config.Output != string(render.NDJSON) {
		return usagef("muster runs logs prints lines, or events with -o ndjson: use muster runs show for the outputs as a document")
	}
	record, err := a.runs.read(text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	if record.Plan.Command.Send != nil {
		return usagef("run %s sent files, which have no output", record.RunId)
	}
	selector, err := o.targets.selector(ctx, a.finder, false)
	if err != nil {
		return err
	}
	var chosen map[targetKey]bool // nil: all
	if !o.targets.none() {
		if chosen, err = a.recordedTargets(ctx, record, selector, o.targets.allowUnmatched); err != nil {
			return err
		}
	}
	if record.State.Concluded() || record.Throwaway {
		return newLogLines(a.printer, record.State).printKept(record, chosen)
	}
	if _, err := a.withSecrets(ctx, record.Plan.Command, record.Secrets, o.secretParams); err != nil {
		return err // otherwise secrets would not be masked
	}
	all, err := a.reconnect(ctx, record.Header)
	if err != nil {
		return err
	}
	return a.useSites(ctx, all, func(all sites) error {
		if o.follow {
			return followLogs(ctx, a, all, record, chosen)
		}
		return printLogsSoFar(ctx, a, all, record, chosen)
	})
}

// logLines prints lines of outputs with the names of their instances, or as events.
type logLines struct {
	printer *printer
	state   *fleet.State
	lines   *render.Lines
}

func newLogLines(p *printer, state *fleet.State) *logLines {
	return &logLines{p, state, render.NewLines(p.outStyle())}
}

// print prints the lines of an event.
func (l *logLines) print(event fleet.Event) error {
	if l.printer.config.Output == string(render.NDJSON) {
		event.Time = time.Now()
		return l.printer.writeLine(l.printer.streams.Out, event)
	}
	_, err := io.WriteString(l.printer.streams.Out, l.lines.Text(event, l.state))
	return err
}

// printResult prints a whole output.
func (l *logLines) printResult(site fleet.Site, invokeID string, result *fleet.Result) error {
	for _, event := range result.Lines(site, invokeID, l.printer.secrets) {
		if err := l.print(event); err != nil {
			return err
		}
	}
	return nil
}

// printKept prints the outputs in a journal, of all targets or of the chosen ones.
func (l *logLines) printKept(record *journal.Record, chosen map[targetKey]bool) error {
	for i := range record.State.Targets {
		t := &record.State.Targets[i]
		if !t.HasResult || t.OutputLost || chosen != nil && !chosen[targetKey{t.Site, t.InstanceId}] {
			continue
		}
		output, err := record.Output(t.Output)
		if err != nil {
			return err
		}
		result := &fleet.Result{TargetStatus: t.TargetStatus, Output: output}
		if err := l.printResult(t.Site, t.InvokeId, result); err != nil {
			return ignoreBrokenPipe(err)
		}
	}
	return nil
}

func ignoreBrokenPipe(err error) error {
	if term.IsBrokenPipe(err) {
		return nil // the reader has closed the pipe
	}
	return err
}

// printLogsSoFar prints the outputs in the journal, and those that only the service has.
func printLogsSoFar(ctx context.Context, a *app, all sites, record *journal.Record, chosen map[targetKey]bool) error {
	lines := newLogLines(a.printer, record.State)
	if err := lines.printKept(record, chosen); err != nil {
		return err
	}
	printed := map[outputKey]bool{}
	for i := range record.State.Targets {
		if t := &record.State.Targets[i]; t.HasResult {
			printed[outputKey{t.InvokeId, t.InstanceId}] = true
		}
	}
	for _, s := range all {
		for i := range record.State.Invocations {
			invocation := &record.State.Invocations[i]
			complete := !slices.ContainsFunc(invocation.InstanceIds, func(id string) bool { return !printed[outputKey{invocation.InvokeId, id}] })
			if invocation.Site != s.site || complete && len(invocation.InstanceIds) > 0 {
				continue
			}
			request := assist.DescribeInvocationResultsRequest{RegionId: s.region, InvokeId: invocation.InvokeId, ContentEncoding: assist.Base64}
			request.MaxResults = int64(a.config.PageSize)
			list, err := listResults(ctx, s, request)
			if err != nil {
				return err
			}
			for k := range list {
				result := fleet.ResultOf(&list[k])
				if printed[outputKey{invocation.InvokeId, result.InstanceId}] || chosen != nil && !chosen[targetKey{s.site, result.InstanceId}] {
					continue
				}
				if err := lines.printResult(s.site, invocation.InvokeId, &result); err != nil {
					return ignoreBrokenPipe(err)
				}
			}
		}
	}
	return nil
}

// followLogs prints lines as they come until everything has finished, including what another process submits meanwhile.
func followLogs(ctx context.Context, a *app, all sites, record *journal.Record, chosen map[targetKey]bool) error {
	followed := map[string]bool{}
	for {
		watched := newlySubmitted(all, record, chosen, followed)
		if len(watched) > 0 {
			if err := followWatched(ctx, a.runner, all, watched); err != nil {
				return ignoreBrokenPipe(err)
			}
		} else if !record.Running {
			return nil
		} else if err := sleep.For(ctx, freePause); err != nil {
			return err
		}
		again, err := a.runs.readHead(record.RunId)
		if err != nil {
			return err
		}
		record = again
	}
}

// newlySubmitted returns the invocations of a run that are not followed yet, and marks them as followed.
func newlySubmitted(all sites, record *journal.Record, chosen map[targetKey]bool, followed map[string]bool) []fleet.Watched {
	var watched []fleet.Watched
	for _, s := range all {
		w := fleet.Watched{Site: s.site, Sent: func(string) bool { return true }}
		for i := range record.State.Invocations {
			if invocation := &record.State.Invocations[i]; invocation.Site == s.site && !followed[invocation.InvokeId] {
				followed[invocation.InvokeId] = true
				w.InvokeIds = append(w.InvokeIds, invocation.InvokeId)
			}
		}
		if chosen != nil {
			w.Only = []string{}
			for at := range chosen {
				if at.site == s.site {
					w.Only = append(w.Only, at.id)
				}
			}
			slices.Sort(w.Only)
		}
		if len(w.InvokeIds) > 0 {
			watched = append(watched, w)
		}
	}
	return watched
}

// followWatched prints the lines of invocations until they have finished.
func followWatched(ctx context.Context, rn *runner, all sites, watched []fleet.Watched) error {
	return withOutputs(func(j *journal.Journal) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		var lines *logLines
		engine := rn.engine(waitedRun{sites: all, journal: j, lines: new(linePrinter)}, func(event fleet.Event, state *fleet.State) {
			if event.Event != fleet.LinesEvent {
				return
			}
			if lines == nil {
				lines = newLogLines(rn.printer, state)
			}
			if err := lines.print(event); err != nil {
				cancel(err)
			}
		})
		_, err := engine.Watch(ctx, watched...)
		return err
	})
}
