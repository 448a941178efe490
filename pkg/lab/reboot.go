package lab

import "slices"

// atStart has a plan run whenever the instance starts, until its task has ended.
func (h *host) atStart(p *plan) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting = append(h.waiting, p)
}

// start runs what has been waiting for it. The instance is Running already.
func (h *host) start() {
	h.mu.Lock()
	h.waiting = slices.DeleteFunc(h.waiting, (*plan).ended)
	waiting := slices.Clone(h.waiting)
	h.mu.Unlock()
	for _, p := range waiting {
		p.started()
	}
}

// reboot takes a Running instance down and up again, between two looks at it.
func (h *host) reboot() {
	h.interrupt()
	h.mu.Lock()
	next := *h.instance
	h.booted(&next)
	h.replace(&next)
	h.handOver()
	h.mu.Unlock()
	h.start()
}
