package cmd

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"muster/pkg/fleet"
	"muster/pkg/target"
)

// rolloutFlags say in which waves a run goes out, what stops it, and what is kept of it.
type rolloutFlags struct {
	waves       string
	pause       time.Duration
	maxFailures string
	confirm     bool
	yes         bool
	onInterrupt string
	noJournal   bool
	files       outputFlags
}

func (f *rolloutFlags) add(flags *pflag.FlagSet) {
	groupRollout.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.waves, "waves", "", "`SIZES`: send in waves of these sizes, numbers or percentages of all targets, such as 1,10%,50%; the last one repeats, and each wave waits for the one before it to finish")
		flags.Var(durationFrom0(&f.pause), "pause", "wait this long between two waves")
		flags.StringVar(&f.maxFailures, "max-failures", "", "stop once more than `N` (or N%) of the instances sent to so far have failed; exit code 6")
		flags.BoolVar(&f.confirm, "confirm", false, "show how each wave ended, and ask before the next")
		flags.BoolVarP(&f.yes, "yes", "y", false, "answer yes to --confirm, for unattended use")
	})
	f.addInterrupt(flags)
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.BoolVar(&f.noJournal, "no-journal", false, "keep no journal: the run cannot be shown, resumed or rerun later")
	})
}

// addInterrupt adds what a wait for something needs that was sent before.
func (f *rolloutFlags) addInterrupt(flags *pflag.FlagSet) {
	groupWaiting.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.onInterrupt, "on-interrupt", "detach", "`ACTION`: on SIGINT or SIGTERM with nobody to ask, detach, which leaves running what was sent, or stop")
	})
}

// rollout is what the flags say, read and found good.
type rollout struct {
	waves       []target.Share
	pause       time.Duration
	maxFailures *fleet.Tolerance
	confirm     bool
	stop        bool // on an interrupt
	journal     bool
	files       outputFlags
}

func (f *rolloutFlags) read(a *app) (rollout, error) {
	r := rollout{pause: f.pause, confirm: f.confirm && !f.yes, journal: !f.noJournal}
	if err := f.files.prepare(a); err != nil {
		return r, err
	}
	r.files = f.files
	if f.waves != "" {
		var err error
		if r.waves, err = target.ParseShares(f.waves); err != nil {
			return r, fmt.Errorf("--waves: %w", err)
		}
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
	switch {
	case f.pause < 0:
		return r, usagef("--pause %s: want a time from 0 on", f.pause)
	case len(r.waves) == 0 && f.pause > 0:
		return r, usagef("--pause is between waves: say which with --waves, such as --waves 1,10%%,50%%")
	case len(r.waves) == 0 && f.confirm:
		return r, usagef("--confirm is between waves: say which with --waves, such as --waves 1,10%%,50%%")
	}
	if r.confirm && a.keyboard() == nil {
		return r, usagef("--confirm asks before each wave, and %s: give --yes to go on without", nobodyToAsk)
	}
	return r, nil
}

// onlyWaits refuses what means nothing for a command that is not waited for.
func (f *rolloutFlags) onlyWaits(waits bool) error {
	if !waits && (f.waves != "" || f.maxFailures != "") {
		return usagef("--waves and --max-failures are for what comes to an end: a command with --frequency, or at a reboot, is sent at once")
	}
	if !waits && f.files.follow {
		return notFollowed()
	}
	return nil
}

func (r rollout) cut(size int) fleet.Cut { return fleet.Cut{BatchSize: size, Waves: r.waves} }

// rule puts into a plan what has to hold between its waves.
func (r rollout) rule(plan *fleet.Plan) {
	plan.Pause, plan.MaxFailures, plan.Confirm = r.pause, r.maxFailures, r.confirm
}
