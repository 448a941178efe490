package lab

import (
	"runtime"
	"slices"
)

// atStart has a plan run whenever the instance starts, until its task has ended.
func (h *host) atStart(p *repetition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting = append(h.waiting, p)
}

// start runs what has been waiting for it. The instance is Running already.
func (h *host) start() {
	h.mu.Lock()
	h.waiting = slices.DeleteFunc(h.waiting, (*repetition).ended)
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

// obey is what an agent does after the exit codes that ask for it: the instance goes down, and may come up again. This
// machine is left alone.
func (h *host) obey(exitCode int) {
	powerOff, reboot := powerCodes()
	switch exitCode {
	case powerOff:
		h.set((*Instance).powerOff)
		h.interrupt() // set does so only where there is a status
	case reboot:
		h.reboot()
	}
}

func powerCodes() (powerOff, reboot int) {
	if runtime.GOOS == "windows" {
		return 3009, 3010
	}
	return 193, 194
}
