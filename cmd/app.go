package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/identity"
	"muster/pkg/lab"
	"muster/pkg/render"
	"muster/pkg/target"
	"muster/pkg/term"
)

// app is what all commands share: the streams, the environment, and what the global flags say.
type app struct {
	streams        *term.Streams
	getenv         func(string) string
	environ        func() []string  // as os.Environ; nil is an environment without variables of muster
	config         *config.Config   // set before a command runs
	others         []*config.Config // of the further profiles of --profile
	profiles       []string         // of --profile
	secrets        fleet.Secrets    // what is never printed
	interrupts     interrupts
	settleIn       func()                            // what commands need that may take a while; nil in tests
	asking         *term.Keyboard                    // see keyboard
	journals       func(fleet.Journal) fleet.Journal // stands between engines and their journals; nil but in tests
	waits          assist.Waits                      // what calls wait for
	elapsed        time.Duration                     // how long a call is retried; 0 but in tests
	patience       time.Duration                     // see fleet.Engine; 0 but in tests
	flags          *pflag.FlagSet                    // of the command that runs
	labSize        int                               // of --lab; 0 without it
	faultTexts     []string                          // of --fault
	faults         []lab.Fault                       // what --fault says
	faultSeed      uint64
	simulationText string          // of --simulate
	simulation     *lab.Simulation // what --simulate says; nil without it
	jq             string          // of --jq
	jqArgs         []string        // of --arg
	jqJSONArgs     []string        // of --argjson
	template       string          // of --template
	query          render.Query    // what they say; nil without them
	queryEnded     error           // an interrupt has ended the query, which is not tried again
	grouping       render.Grouping // of outputs in tables
	below          int             // how many lines on the screen follow the document
	showAll        string          // the command whose table shows each instance; empty for the one that runs, with -o wide
	maxBytes       string          // of --max-bytes
	documentBytes  int             // what it says; 0 without it
	suite          string          // of --junit-suite
	knownGroups    *target.Groups  // see groups
	identities     map[*config.Config]*identity.Identity
	cached         *cachedLists                     // of --cached; nil without it
	recalled       map[string][]candidate           // see remembered
	early          atomic.Pointer[assist.Transport] // see connectEarly; nil once a session has it
	reportsRuns    bool                             // the command does, so that a project's part in it is told
	fromSettings   map[string]bool                  // the flags that nobody typed: the environment or a settings file has them
	implied        bool                             // nobody asked for JSON as such, so that errors are for people
	askedJSON      bool                             // see asksForJSON; counts where the settings could not be loaded
	examines       string                           // see examinesSettings; empty for other commands
	warned         bool                             // see warnOfProblems
	toldRetrying   atomic.Bool                      // see noteRetrying
	began          bool                             // a command's own code has begun, so that errors are no longer about its words
}

func newApp(streams *term.Streams, getenv func(string) string) *app {
	return &app{streams: streams, getenv: getenv, identities: map[*config.Config]*identity.Identity{}, recalled: map[string][]candidate{}}
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
		a.addCompletions(root) // which takes longer than all else that a command does to begin
		root.SetErr(io.Discard)
	}
	err := root.ExecuteContext(ctx)
	if err != nil && !a.began {
		err = &usageError{meantCommand(root, args, err)}
	}
	if err != nil && a.config == nil && !silent {
		a.askedJSON = a.asksForJSON(root, args)
	}
	code := exitCode(err)
	if code == exitFailed && a.unknownRegion(err) {
		code = exitUsage
	}
	if !silent {
		a.warnOfProblems(err)
	}
	if err != nil && !silent {
		a.complain(err, code)
	}
	return code
}

// prepare resolves the settings, once the flags are known.
func (a *app) prepare(cmd *cobra.Command) error {
	if _, brief := cmd.Annotations[answersAtOnce]; !brief && a.settleIn != nil {
		a.settleIn()
	}
	a.flags, a.reportsRuns, a.examines = cmd.Flags(), cmd.Annotations[reportsRuns] != "", cmd.Annotations[examinesSettings]
	if slices.Contains(completionRequests(), cmd.Name()) {
		return nil // what it needs it finds out by itself, and it has nothing to say to anybody
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
	if err := a.applyDefaults(cmd); err != nil {
		return err
	}
	a.began = true
	if err := a.checkVariables(cmd); err != nil {
		return err
	}
	if err := refuseEmpty(cmd); err != nil {
		return err
	}
	if err := a.refuseContradictions(cmd); err != nil {
		return err
	}
	if err := a.readQuery(); err != nil {
		return err
	}
	if err := a.suits(cmd); err != nil {
		return err
	}
	if err := a.readDocumentFlags(); err != nil {
		return err
	}
	if err := a.readFaults(cmd); err != nil {
		return err
	}
	return a.readSimulation(cmd)
}

// answersAtOnce marks a command that is over before a signal could be attended to, as an annotation.
const answersAtOnce = "answers at once"

// Annotations of commands by what their output is about.
const (
	reportsRuns    = "reports runs"
	namesInstances = "names instances" // without reporting runs
)

// suits refuses a format that does not exist for a command's output, before anything is done.
func (a *app) suits(cmd *cobra.Command) error {
	_, runs := cmd.Annotations[reportsRuns]
	_, instances := cmd.Annotations[namesInstances]
	switch format := render.Format(a.config.Output); {
	case format == render.JUnit && !runs:
		return usagef("-o junit is for what reports a run, and %s does not", cmd.CommandPath())
	case format == render.Nodeset && !runs && !instances:
		return usagef("-o nodeset is for what is about instances, and %s is not", cmd.CommandPath())
	}
	return nil
}

// noSetting marks a command's own flag that has the name of a setting and is none, as an annotation.
const noSetting = "no setting"

// load resolves the settings from the flags, some of which another source may stand in for, and everything below them. Only a
// flag that cannot be used is an error here; other problems are for those who need what they affect, see mayCall.
func (a *app) load(instead map[string]string) error {
	given := maps.Clone(instead)
	if given == nil {
		given = map[string]string{}
	}
	a.flags.Visit(func(f *pflag.Flag) {
		if _, own := f.Annotations[noSetting]; !own {
			given[f.Name] = f.Value.String()
		}
	})
	a.profiles, a.others = nil, nil
	for name := range strings.SplitSeq(cmp.Or(given["profile"], a.getenv("MUSTER_PROFILE")), ",") {
		if !slices.Contains(a.profiles, name) {
			a.profiles = append(a.profiles, name)
		}
	}
	workDir, _ := os.Getwd() // without one there is no project
	for i, name := range a.profiles {
		if len(a.profiles) > 1 {
			given["profile"] = name
		}
		loaded := config.Load(config.Options{Flags: given, WorkDir: workDir, Outputs: render.Formats()})
		if i == 0 {
			a.config = loaded
		} else {
			a.others = append(a.others, loaded)
		}
	}
	return a.refuseFlags()
}

// configs are the settings of each profile that was asked for.
func (a *app) configs() []*config.Config { return append([]*config.Config{a.config}, a.others...) }

// limits are the API's, with those that the user has had raised.
func (a *app) limits() assist.Limits {
	return assist.Limits{RunInstances: a.config.RunBatch, InvokeInstances: a.config.InvokeBatch, PageSize: a.config.PageSize}
}

// note says something beside the data and the errors, as a line on stderr: to a person, or as JSON where the output is JSON.
func (a *app) note(format string, args ...any) {
	text := a.secrets.Mask(fmt.Sprintf(format, args...))
	if a.wantsJSON() {
		_ = render.Line(a.streams.Err, notice{text}) // there is nowhere left to complain
		return
	}
	fmt.Fprintln(a.streams.Err, "muster: "+term.Sanitize(text))
}

// print writes a document to stdout in the chosen format.
func (a *app) print(document render.Document) error {
	a.warnOfProblems(nil)
	write := a.write
	if a.pages() {
		write = a.writePaged
	}
	err := write(a.streams.Out, document)
	if term.IsBrokenPipe(err) {
		return nil // who read it has seen enough
	}
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func (a *app) outStyle() render.Style {
	return render.Style{
		Paint: a.streams.OutPainter(), Width: a.streams.Width(), Height: a.streams.Height(), Below: a.below, All: a.showAll,
		Terminal: a.streams.OutIsTerminal(),
		Grouping: a.grouping, MaxBytes: a.documentBytes, Suite: a.suite,
	}
}

func (a *app) errStyle() render.Style {
	return render.Style{Paint: a.streams.ErrPainter(), Width: a.streams.ErrWidth(), Height: a.streams.ErrHeight()}
}
