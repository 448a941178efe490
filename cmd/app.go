package cmd

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"muster/pkg/config"
	"muster/pkg/identity"
	"muster/pkg/render"
	"muster/pkg/term"
)

// app is one muster process: the parts that its commands share.
type app struct {
	*printer
	*reader
	*connector
	*finder
	*lookup
	*runner
	runs *runStore

	setUp func() // work that takes time and that most commands need; nil in tests
	began bool   // the command's own code has begun, so that errors are no longer about its command line
}

func newApp(streams *term.Streams, getenv func(string) string) *app {
	p := &printer{settings: &settings{getenv: getenv}, streams: streams}
	p.query.interrupts = &p.interrupts
	runs := &runStore{printer: p}
	rd := &reader{printer: p}
	cn := &connector{printer: p, identities: map[*config.Config]*identity.Identity{}}
	fd := &finder{printer: p, connector: cn, reader: rd}
	lk := &lookup{printer: p, connector: cn, finder: fd, runs: runs}
	rn := &runner{printer: p, reader: rd, connector: cn, finder: fd, runs: runs}
	return &app{printer: p, reader: rd, connector: cn, finder: fd, lookup: lk, runner: rn, runs: runs}
}

func (a *app) run(ctx context.Context, args []string) int {
	root := newRootCommand(a)
	useHelpCommand(root)
	root.SetArgs(args)
	root.SetIn(a.streams.In)
	root.SetOut(a.streams.Out)
	root.SetErr(a.streams.Err)
	silent := len(args) > 0 && slices.Contains(completionRequests(), args[0])
	if silent {
		newCompleter(a.connector, a.runs).addTo(root) // this takes longer than everything else at startup
		root.SetErr(io.Discard)
	}
	err := root.ExecuteContext(ctx)
	if err != nil && !a.began {
		err = &usageError{explainCommandError(root, args, err)}
	}
	if err != nil && a.config == nil && !silent {
		a.askedJSON = asksForJSON(a.streams, a.getenv, root, args)
	}
	code := exitCode(err)
	if code == exitFailed && a.isUnknownRegion(err) {
		code = exitUsage
	}
	if !silent {
		a.warnOfProblems(err)
	}
	if err != nil && !silent {
		a.printError(err, code)
	}
	return code
}

// prepare resolves the settings. The flags have been parsed.
func (a *app) prepare(cmd *cobra.Command) error {
	if _, brief := cmd.Annotations[immediate]; !brief && a.setUp != nil {
		a.setUp()
	}
	a.flags, a.reportsRuns, a.examines = cmd.Flags(), cmd.Annotations[reportsRuns] != "", cmd.Annotations[examinesSettings]
	if slices.Contains(completionRequests(), cmd.Name()) {
		return nil // completions load the settings themselves, and print no notes
	}
	if err := a.load(nil); err != nil {
		return err
	}
	loaded := a.config
	a.streams.NoColor = loaded.NoColor
	a.streams.NoProgress = loaded.Quiet
	if !loaded.Quiet {
		for _, warning := range loaded.Warnings {
			a.note("warning: %s", warning)
		}
	}
	if err := applyDefaults(a.printer, cmd); err != nil {
		return err
	}
	a.began = true
	if err := checkVariables(a.printer, cmd); err != nil {
		return err
	}
	if err := refuseEmpty(cmd); err != nil {
		return err
	}
	if err := refuseConflicts(a.settings, cmd); err != nil {
		return err
	}
	if err := a.query.read(a.printer); err != nil {
		return err
	}
	if err := a.checkFormat(cmd); err != nil {
		return err
	}
	if err := a.document.read(a.settings); err != nil {
		return err
	}
	return a.lab.read(cmd)
}

// immediate is an annotation of commands that finish before they could handle a signal.
const immediate = "answers at once"

// Annotations of commands by what their output describes.
const (
	reportsRuns    = "reports runs"
	namesInstances = "names instances" // but not runs
)

// checkFormat refuses an output format that the command does not have, before the command does anything.
func (a *app) checkFormat(cmd *cobra.Command) error {
	_, runs := cmd.Annotations[reportsRuns]
	_, instances := cmd.Annotations[namesInstances]
	switch format := render.Format(a.config.Output); {
	case format == render.JUnit && !runs:
		return usagef("-o junit is only for commands that report a run, which %s does not", cmd.CommandPath())
	case format == render.Nodeset && !runs && !instances:
		return usagef("-o nodeset is only for commands about instances, which %s is not", cmd.CommandPath())
	}
	return nil
}

// noSetting is an annotation of a flag that has the name of a setting and is not one.
const noSetting = "no setting"
