package lab

import (
	"runtime"
	"slices"
)

// runAtStart calls a repetition whenever the instance starts, until its task has finished.
func (h *host) runAtStart(p *repetition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.waiting, p) {
		h.waiting = append(h.waiting, p)
	}
}

// start runs the repetitions that wait for a start. The instance is Running already.
func (h *host) start() {
	h.mu.Lock()
	h.waiting = slices.DeleteFunc(h.waiting, (*repetition).ended)
	waiting := slices.Clone(h.waiting)
	h.mu.Unlock()
	for _, p := range waiting {
		p.started()
	}
}

// reboot restarts a Running instance. No request sees it down.
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

// obey stops or restarts the instance if an exit code asks for it, as the agent does. It leaves this machine alone.
func (h *host) obey(exitCode int) {
	powerOff, reboot := powerCodes()
	switch exitCode {
	case powerOff:
		h.set((*Instance).powerOff)
		h.interrupt() // set only does so for instances with a status
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
