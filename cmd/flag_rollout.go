package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"muster/pkg/fleet"
	"muster/pkg/target"
)

// rolloutFlags choose to how many instances a run is sent at a time, what stops it, and what is recorded.
type rolloutFlags struct {
	waves       string
	fanout      string
	gate        string
	gateTimeout time.Duration
	pause       time.Duration
	maxFailures string
	confirm     bool
	yes         bool
	onInterrupt string
	noJournal   bool
	detach      bool
	files       outputFlags
	resumes     bool // for a run that is resumed
}

func (f *rolloutFlags) add(flags *pflag.FlagSet) {
	groupRollout.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.waves, "waves", "", "`SIZES`: send in waves of these sizes, numbers or percentages of all targets, such as 1,10%,50%; the last one repeats, and each wave waits for the one before it to finish")
		flags.StringVar(&f.fanout, "fanout", "", "run on at most `N` (or N%) instances at a time, and send to the next ones as others finish")
		f.addGate(flags)
		flags.Var(nonNegativeDuration(&f.pause), "pause", "wait this long between two waves; 0 is no pause")
		flags.StringVar(&f.maxFailures, "max-failures", "", "stop once more than `N` (or N%) of the instances sent to so far have failed; exit code 6")
		flags.BoolVar(&f.confirm, "confirm", false, "show how each wave ended, and ask before the next")
		flags.BoolVarP(&f.yes, "yes", "y", false, "answer yes to --confirm, for unattended use")
	})
	f.addInterrupt(flags)
	groupWaiting.add(flags, func(flags *pflag.FlagSet) {
		flags.BoolVar(&f.detach, "detach", false, "submit everything, print the run's id and return; muster runs wait waits for it, and muster runs stop ends it")
	})
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.BoolVar(&f.noJournal, "no-journal", false, "keep no journal: the run cannot be shown, resumed or rerun later")
	})
}

// addAll adds the flags of a roll-out, and those of the outputs of its scripts.
func (f *rolloutFlags) addAll(flags *pflag.FlagSet) {
	f.add(flags)
	f.files.addAll(flags)
}

// addInterrupt adds the flag that a wait for something already sent needs.
func (f *rolloutFlags) addInterrupt(flags *pflag.FlagSet) {
	groupWaiting.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.onInterrupt, "on-interrupt", "detach", "`ACTION`: on SIGINT or SIGTERM without a terminal to ask at, detach, which leaves running what was sent, or stop")
	})
}

// addGate adds the flags of the gate command.
func (f *rolloutFlags) addGate(flags *pflag.FlagSet) {
	flags.StringVar(&f.gate, "gate", "", "after each wave, run this `COMMAND` on this machine with the wave's report as JSON on its stdin; stop unless it exits with 0; exit code 6")
	f.gateTimeout = defaultGateTimeout
	flags.Var(nonNegativeDuration(&f.gateTimeout), "gate-timeout", "stop when the gate command has not finished after this long")
}

// defaultGateTimeout is the default of --gate-timeout.
const defaultGateTimeout = 10 * time.Minute

// rollout is the validated flags.
type rollout struct {
	waves       []target.Share
	fanout      *target.Share
	gate        string
	gateTimeout time.Duration
	pause       time.Duration
	maxFailures *fleet.Tolerance
	confirm     bool
	stop        bool // on an interrupt
	journal     bool
	detach      bool
	files       outputFlags
}

func (f *rolloutFlags) read(rn *runner) (rollout, error) {
	r := rollout{pause: f.pause, gate: strings.TrimSpace(f.gate), gateTimeout: f.gateTimeout, confirm: f.confirm && !f.yes, journal: !f.noJournal, detach: f.detach}
	if err := f.refuseDetached(rn.settings); err != nil {
		return r, err
	}
	if err := f.files.prepare(rn.printer, rn.runs); err != nil {
		return r, err
	}
	r.files = f.files
	if f.waves != "" {
		var err error
		if r.waves, err = target.ParseShares(f.waves); err != nil {
			return r, fmt.Errorf("--waves: %w", err)
		}
	}
	if f.fanout != "" {
		share, err := target.ParseShare(f.fanout)
		if err != nil {
			return r, fmt.Errorf("--fanout: %w", err)
		}
		r.fanout = &share
	}
	if f.maxFailures != "" {
		tolerance, err := fleet.ParseTolerance(f.maxFailures)
		if err != nil {
			return r, fmt.Errorf("--max-failures: %w", err)
		}
		r.maxFailures = &tolerance
	}
	switch f.onInterrupt {
	case "detach":
	case "stop":
		r.stop = true
	default:
		return r, usagef("--on-interrupt %q: want detach or stop", f.onInterrupt)
	}
	if err := f.refuseWithoutEffect(rn.settings, r); err != nil {
		return r, err
	}
	if r.confirm && rn.keyboard() == nil {
		return r, usagef("--confirm asks before each wave, and %s: give --yes to continue without asking", noTerminal)
	}
	return r, nil
}

// refuseWithoutEffect refuses flags that have no effect, such as those about waves without --waves.
func (f *rolloutFlags) refuseWithoutEffect(st *settings, r rollout) error {
	const inWaves = "send in waves, such as --waves 1,10%,50%"
	switch {
	case r.gate != "" && f.gateTimeout <= 0:
		return usagef("--gate-timeout %s: want a duration above 0", f.gateTimeout)
	case f.resumes: // the run's plan has the rest
		return nil
	case len(r.waves) == 0 && f.pause > 0:
		return usagef("--pause is between waves: %s", inWaves)
	case len(r.waves) == 0 && f.confirm:
		return usagef("--confirm asks between waves: %s", inWaves)
	case len(r.waves) == 0 && r.gate != "":
		return usagef("--gate checks each wave before the next is sent: %s", inWaves)
	case r.gate == "" && f.gateTimeout != 0 && f.gateTimeout != defaultGateTimeout && !st.fromSettings["gate-timeout"]:
		return usagef("--gate-timeout is for a gate command: name one with --gate")
	case r.maxFailures != nil && len(r.waves) == 0 && r.fanout == nil && !st.fromSettings["max-failures"]:
		return usagef("--max-failures has no effect when everything is sent at once: %s, or to some at a time, such as --fanout 10%%", inWaves)
	}
	return nil
}

// refuseUnlessWaiting refuses flags that have no effect for a command that is not waited for.
func (f *rolloutFlags) refuseUnlessWaiting(waits bool) error {
	if !waits && (f.waves != "" || f.maxFailures != "" || f.fanout != "") {
		return usagef("--waves, --fanout and --max-failures are for commands that end: one with --frequency, or at a reboot, is sent at once")
	}
	if !waits && f.files.follow {
		return noFollowError()
	}
	return nil
}

func (r rollout) cut(size int) fleet.Cut {
	return fleet.Cut{BatchSize: size, Waves: r.waves, Fanout: r.fanout}
}

// applyTo adds the rules between waves to a plan.
func (r rollout) applyTo(plan *fleet.Plan) {
	plan.Pause, plan.MaxFailures, plan.Confirm, plan.Gate, plan.GateTimeout = r.pause, r.maxFailures, r.confirm, r.gate, r.gateTimeout
	if r.gate == "" {
		plan.GateTimeout = 0
	}
}
