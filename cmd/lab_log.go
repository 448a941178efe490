package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/lab"
	"muster/pkg/render"
	"muster/pkg/sleep"
	"muster/pkg/term"
)

const (
	// labLogInterval is the pause between two polls of lab log --follow.
	labLogInterval = 300 * time.Millisecond
	// labLogPatience is how long a poll is retried before the lab is checked.
	labLogPatience = 5 * time.Second
)

func newLabLogCommand(a *app) *cobra.Command {
	choice, follow := new(labChoice), false
	cmd := &cobra.Command{
		Use:   "log [flags]",
		Short: "Print the calls that the lab has answered",
		Long: `Print the last 1,000 calls that the running lab has answered, oldest first: when each one arrived, its HTTP
status, its action, its error code if it was refused, how long it took, its RequestId, and the address and the user agent of its
client. Parameters are never logged. The calls of this command are left out, unless they are refused.

With --follow, it continues with new calls until it is interrupted or the lab ends; -o json then prints a line for each call, like
-o ndjson.`,
		Example: `  muster lab log
  muster lab log --follow
  muster lab log -o json --jq '.Calls[] | select(.Code) | .Action'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLabLog(cmd.Context(), a, choice, follow) },
	}
	choice.add(cmd.Flags())
	cmd.Flags().BoolVar(&follow, "follow", false, "continue with new calls, until interrupted or the lab ends")
	return cmd
}

func runLabLog(ctx context.Context, a *app, choice *labChoice, follow bool) error {
	format := render.Format(a.config.Output)
	if follow && !slices.Contains([]render.Format{render.Table, render.Wide, render.JSON, render.NDJSON}, format) {
		return usagef("--follow prints a line for each call: use -o ndjson instead of -o %s", format)
	}
	connection, err := a.runningLab(ctx, choice)
	if err != nil {
		return err
	}
	return a.useLab(ctx, connection, func(s *session) error {
		if follow {
			return followLabLog(ctx, a.printer, s, connection)
		}
		calls, err := loggedCalls(ctx, s, 0)
		if err != nil {
			return err
		}
		return a.print(&labLogDocument{calls})
	})
}

// loggedCalls returns the calls of a lab after the one with a sequence number.
func loggedCalls(ctx context.Context, s *session, after int64) ([]lab.LoggedCall, error) {
	answer := new(lab.LoggedCallsResponse)
	err := s.caller.Call(ctx, &lab.LoggedCallsRequest{After: after}, answer)
	return answer.Calls, err
}

// followLabLog prints calls until the context is done, the lab ends, or the reader has closed the pipe.
func followLabLog(ctx context.Context, p *printer, s *session, connection lab.Connection) error {
	p.warnOfProblems(nil)
	for after := int64(0); ; {
		patient, cancel := context.WithTimeout(ctx, labLogPatience)
		calls, err := loggedCalls(patient, s, after)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // an interrupt is the usual end
		case err != nil && !connection.Reachable(ctx):
			return noteLabEnded(p)
		case err != nil:
			return err
		}
		for _, call := range calls {
			if err := printLoggedCall(p.streams.Out, p, call); term.IsBrokenPipe(err) {
				return nil
			} else if err != nil {
				return fmt.Errorf("write the calls: %w", err)
			}
			after = call.Sequence
		}
		if sleep.For(ctx, labLogInterval) != nil {
			return nil //nolint:nilerr // an interrupt is the usual end
		}
		if !connection.Reachable(ctx) && ctx.Err() == nil {
			return noteLabEnded(p)
		}
	}
}

func noteLabEnded(p *printer) error {
	if !p.config.Quiet {
		p.note("the lab has ended")
	}
	return nil
}

// printLoggedCall prints a call as a line: text, or JSON if the output is JSON.
func printLoggedCall(w io.Writer, p *printer, call lab.LoggedCall) error {
	if p.wantsJSON() || p.query.parsed != nil {
		return p.writeLine(w, call)
	}
	_, err := fmt.Fprintln(w, loggedCallLine(call))
	return err
}

// reportCalls returns a function that prints calls on stderr. A lab calls it for one call at a time.
func reportCalls(p *printer) func(lab.LoggedCall) {
	return func(call lab.LoggedCall) {
		if p.wantsJSON() {
			_ = render.Line(p.streams.Err, call) // there is nowhere to report an error to
			return
		}
		fmt.Fprintln(p.streams.Err, loggedCallLine(call))
	}
}

// loggedCallLine returns a call as a line for people.
func loggedCallLine(call lab.LoggedCall) string {
	action := call.Action
	if action == "" {
		action = "-"
	}
	words := []string{call.Time, fmt.Sprint(call.HTTPStatus), action}
	for _, word := range []string{call.Code, call.Delivery} {
		if word != "" {
			words = append(words, word)
		}
	}
	words = append(words, fmt.Sprintf("%dms", call.Milliseconds), call.RequestId, call.Client)
	if call.UserAgent != "" {
		words = append(words, call.UserAgent)
	}
	return term.SanitizeLine(strings.Join(words, " "))
}

// labLogDocument has the calls that a lab has answered.
type labLogDocument struct{ Calls []lab.LoggedCall }

// Records returns the calls.
func (d *labLogDocument) Records() iter.Seq2[any, error] { return render.Records(d.Calls) }

// Record returns an empty call.
func (d *labLogDocument) Record() any { return lab.LoggedCall{} }

// WriteTable writes a line for each call.
func (d *labLogDocument) WriteTable(w io.Writer, _ render.Style) error {
	for _, call := range d.Calls {
		if _, err := fmt.Fprintln(w, loggedCallLine(call)); err != nil {
			return err
		}
	}
	return nil
}
