package lab

// activity is everything that calls have brought about. A reset replaces it as a whole.
type activity struct {
	own        site  // of the first region
	served     sites // of all regions that the lab serves, the first one included
	left       sites // of the regions that it no longer serves; nothing runs there
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
		tokens: newTokens(), faults: newFaults(l.faultSeed), calls: map[string]int{},
	}
	makeSites(l, before.own.store.counters)
	takeInventories(l, before)
	setStorage(l, l.storage)
	l.agents = newAgents(before.agents.runner, l)
	l.agents.patience = before.agents.patience
	l.fileSender = newFileSender(l)
	for _, h := range l.everywhere().allManaged() {
		if h.enrolled != nil {
			h.enrolled.renew(l.agents)
		}
	}
	return l.faults.set(l.startFaults)
}
