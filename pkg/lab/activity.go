package lab

// activity is everything that calls have brought about. A reset replaces it as a whole.
type activity struct {
	own        site
	tokens     *tokens
	agents     *agents
	fileSender *fileSender
	faults     *faults
	calls      map[string]int // guarded by Lab.mu
}

// enter waits until a call may begin: many at once, or one alone, in which the activity is replaced. The call ends with leave.
func (l *Lab) enter(alone bool) (leave func()) {
	if alone {
		l.resetting.Lock()
		return l.resetting.Unlock
	}
	l.resetting.RLock()
	return l.resetting.RUnlock
}

// isClosed reports whether Close was called.
func (l *Lab) isClosed() bool {
	defer l.enter(false)()
	return l.agents.isClosed()
}

// renew replaces the activity by a new one, whose sequence numbers continue those of the old one. Nothing of the old one runs.
func (l *Lab) renew() error {
	before := l.activity
	l.activity = activity{
		own:    site{region: before.own.region, inventory: before.own.inventory, store: newStore(), files: newFileStore(), activations: before.own.activations},
		tokens: newTokens(), faults: newFaults(l.faultSeed), calls: map[string]int{},
	}
	l.own.continueAfter(before.own.sequences())
	l.own.store.storage, l.own.files.storage, l.tokens.storage = l.storage, l.storage, l.storage
	l.agents = newAgents(before.agents.runner, l)
	l.agents.patience = before.agents.patience
	l.fileSender = newFileSender(l)
	for _, h := range l.own.inventory.allManaged() {
		if h.enrolled != nil {
			h.enrolled.renew(l.agents)
		}
	}
	return l.faults.set(l.startFaults)
}

// sequences returns the last sequence numbers of a region.
func (s site) sequences() sequences {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	s.files.mu.RLock()
	defer s.files.mu.RUnlock()
	return sequences{s.store.sequence, s.store.runs, s.files.sequence}
}

// continueAfter makes the sequence numbers of a new region follow others.
func (s site) continueAfter(last sequences) {
	s.store.sequence, s.store.runs, s.files.sequence = last.Records, last.Runs, last.Files
}
