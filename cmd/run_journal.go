package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"syscall"
	"time"

	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/journal"
)

// withJournal creates the journal of a new run and calls do. A run on a throwaway lab, which cannot be resumed, does without a
// journal if none can be created.
func (rn *runner) withJournal(ctx context.Context, all sites, l *launch, plan fleet.Plan, do func(waitedRun) error) (err error) {
	w := waitedRun{sites: all, runID: plan.RunId, stop: l.rollout.stop, files: l.rollout.files}
	if !l.rollout.journal {
		return withOutputs(func(j *journal.Journal) error { w.journal = j; return do(w) })
	}
	w.journal, err = rn.createJournal(ctx, all, l, plan)
	if err != nil && all.throwaway() {
		return withOutputs(func(j *journal.Journal) error { w.journal = j; return do(w) })
	}
	if err != nil {
		return withJournalAdvice(err)
	}
	w.kept = true
	defer func() { err = errors.Join(err, w.journal.Close()) }()
	return do(w)
}

func (rn *runner) createJournal(ctx context.Context, all sites, l *launch, plan fleet.Plan) (*journal.Journal, error) {
	dir, err := runsDir()
	if err != nil {
		return nil, fmt.Errorf("write the run's journal: %w", err)
	}
	rn.runs.prune(dir)
	header := journal.Header{
		RunId: plan.RunId, Time: time.Now(), Muster: version, Action: plan.Command.Action(), Script: truncateTitle(rn.secrets.Mask(l.title)),
		Total: len(plan.Targets), Secrets: l.hidden, Throwaway: all.throwaway(), Deferred: l.flags != nil && !l.flags.settles(),
		Detached: l.rollout.detach, Endpoint: rn.sharedEndpoint(),
	}
	if rn.config.ProfileChosen {
		header.Profiles = rn.profiles
		if len(rn.profiles) == 1 {
			header.Profiles = []string{rn.config.Profile}
		}
	}
	for _, s := range all {
		header.Sites = append(header.Sites, journal.SiteHeader{
			Site: s.site, Endpoint: s.endpoint.Host, Fingerprint: s.fingerprint(ctx), Source: rn.whoami(ctx, s).Provider, AccountId: s.accountID,
		})
	}
	if values := plan.Command.Parameters(); len(l.hidden) > 0 {
		shown := maps.Clone(values)
		for _, name := range l.hidden {
			delete(shown, name)
		}
		plan.Command = plan.Command.WithParameters(shown)
	}
	return dir.Create(header, plan)
}

// titleColumns bounds the script's first line in lists of runs.
const titleColumns = 200

func truncateTitle(text string) string {
	if runes := []rune(text); len(runes) > titleColumns {
		return string(runes[:titleColumns])
	}
	return text
}

// withJournalAdvice adds to an error how to run without a journal.
func withJournalAdvice(err error) error {
	_, nowhere := errors.AsType[*config.NoDirError](err)
	switch {
	case nowhere, errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT),
		errors.Is(err, syscall.EFBIG), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w; nothing was sent: set XDG_STATE_HOME to a directory that you can write to, or give --no-journal", err)
	}
	return err
}
