package lab

import (
	"context"
	"slices"
	"time"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

// delivery is a task or a file on its way to an agent that is not there.
type delivery struct {
	take func() *failure // by the agent, with the host's lock held; the fault tells why it does not
	end  chan *failure   // what became of it, nil for taken; it has room for one
}

// deliver waits, but not for longer than patience, until the agent has taken a task, which release gives back. The fault
// tells why it did not.
func (h *host) deliver(ctx context.Context, patience time.Duration) *failure {
	return h.reach(ctx, patience, func() *failure {
		if h.taken >= maxRunning+maxWaiting {
			return &failure{assist.StatusAborted, "TaskConcurrencyLimit", "Too many tasks are being executed on the instance."}
		}
		h.taken++
		return nil
	})
}

func (h *host) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.taken--
}

// reach waits, but not for longer than patience, until the agent is there, and then has it take something, with h.mu held.
// The way there takes the instance's Latency besides. What waits is taken in the order in which it came.
func (h *host) reach(ctx context.Context, patience time.Duration, take func() *failure) *failure {
	if latency := h.get().Latency; latency > 0 && sleep.For(ctx, latency) != nil {
		return interrupted()
	}
	h.mu.Lock()
	if !h.agentAwaited() {
		defer h.mu.Unlock()
		return h.hand(take)
	}
	d := &delivery{take, make(chan *failure, 1)}
	h.onTheWay = append(h.onTheWay, d)
	h.mu.Unlock()
	enough := time.NewTimer(patience)
	defer enough.Stop()
	select {
	case f := <-d.end:
		return f
	case <-enough.C:
		return h.callBack(d, &failure{assist.StatusAborted, "DeliveryTimeout", "The command delivery has been timeout."})
	case <-ctx.Done():
		return h.callBack(d, interrupted())
	}
}

// hand gives the agent something, or tells that the machine is down; h.mu is held.
func (h *host) hand(take func() *failure) *failure {
	if !h.instance.connected() {
		return notRunning()
	}
	return take()
}

// agentAwaited tells that the machine is up, and its agent not there; h.mu is held.
func (h *host) agentAwaited() bool {
	return h.instance.running() && !h.instance.connected()
}

// handOver ends what is on the way, unless the agent is still awaited; h.mu is held.
func (h *host) handOver() {
	if h.agentAwaited() {
		return
	}
	for _, d := range h.onTheWay {
		d.end <- h.hand(d.take)
	}
	h.onTheWay = nil
}

// callBack ends the way of what the agent has not taken, for the reason that is given, and else tells what became of it.
func (h *host) callBack(d *delivery, why *failure) *failure {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.onTheWay, d); i >= 0 {
		h.onTheWay = slices.Delete(h.onTheWay, i, i+1)
		return why
	}
	return <-d.end
}
