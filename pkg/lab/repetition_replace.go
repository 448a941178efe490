package lab

// replaceInvocation makes the repetitions of an invocation continue with next, which keep has to write to the store. If next is another task for the
// instances, it is resent: runs in progress are killed, without a result. No run begins or ends meanwhile.
func replaceInvocation(a *agents, before, next *invocation, keep func(resent bool) error) error {
	held := repetitionsOf(a, before)
	for _, p := range held {
		p.mu.Lock()
		defer p.mu.Unlock()
	}
	enrolled := enrolledWith(a, before)
	for _, e := range enrolled {
		e.mu.Lock()
		defer e.mu.Unlock()
	}
	resent := !sameTask(before, next)
	jobs := make([]*job, len(held))
	if resent {
		for i, p := range held {
			if j := a.job(p.ref); p.running && j != nil {
				j.replaced.Store(true)
				jobs[i] = j
			}
		}
	}
	if err := keep(resent); err != nil {
		for _, j := range jobs {
			if j != nil {
				j.replaced.Store(false)
			}
		}
		return err
	}
	for i, p := range held {
		p.replace(next, jobs[i])
	}
	for _, e := range enrolled {
		if h := e.byID[next.InvokeId]; h != nil && !h.ended {
			h.replace(next, resent)
		}
	}
	return nil
}

// enrolledWith returns the enrolled hosts that an invocation was sent to.
func enrolledWith(a *agents, inv *invocation) []*enrolledHost {
	r, _ := a.store.of(inv.InvokeId).invocation(inv.InvokeId)
	var all []*enrolledHost
	for _, t := range r.Tasks {
		if h := a.sites.host(t.InstanceId); h != nil && h.enrolled != nil {
			all = append(all, h.enrolled)
		}
	}
	return all
}

// repetitionsOf returns the repetitions of an invocation that have not ended, in the order of its instances.
func repetitionsOf(a *agents, inv *invocation) []*repetition {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*repetition
	for i := range inv.Instances {
		if p := a.repetitions[taskRef{inv.InvokeId, i}]; p != nil {
			all = append(all, p)
		}
	}
	return all
}

// replace continues with another invocation. It kills the run in progress, if there is one to be killed; p.mu is held.
func (p *repetition) replace(next *invocation, running *job) {
	rescheduled := next.FrequencyText != p.FrequencyText
	p.invocation = next
	if running != nil {
		p.replaced = true
		running.stop(errReplaced)
	}
	if p.ended() { // it was being stopped
		p.agents.forgetRepetition(p.ref)
		return
	}
	if rescheduled && !p.await(p.Created, p.agents.scheduler.clock.Now()) {
		p.finish(neverFires())
	}
}
