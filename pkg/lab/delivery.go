package lab

import (
	"context"
	"slices"
	"time"

	"muster/pkg/sleep"
)

// delivery is a task or a file that waits for an agent that is offline.
type delivery struct {
	take func() *failure // hands it to the agent, with the host's lock held; a failure says why the agent refuses
	end  chan *failure   // receives nil once it is taken, or the failure; buffered
}

// deliver waits at most for patience until the agent has taken a task, which counts until release. The failure says why the
// agent has not taken it.
func (h *host) deliver(ctx context.Context, patience time.Duration) *failure {
	return h.reach(ctx, patience, func() *failure {
		if h.taken >= maxRunning+maxWaiting {
			return tooManyTasks()
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

// reach waits at most for patience, after the Latency of the instance, until the agent is online, and then calls take with
// h.mu held. Deliveries that wait are taken in their order.
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
		return h.callBack(d, notDelivered())
	case <-ctx.Done():
		return h.callBack(d, interrupted())
	}
}

// hand calls take if the machine is up; h.mu is held.
func (h *host) hand(take func() *failure) *failure {
	if !h.instance.connected() {
		return notRunning()
	}
	return take()
}

// agentAwaited reports whether the machine is up and its agent offline; h.mu is held.
func (h *host) agentAwaited() bool {
	return h.instance.running() && !h.instance.connected()
}

// handOver hands over all waiting deliveries, unless the agent is still offline; h.mu is held.
func (h *host) handOver() {
	if h.agentAwaited() {
		return
	}
	for _, d := range h.onTheWay {
		d.end <- h.hand(d.take)
	}
	h.onTheWay = nil
}

// callBack withdraws a delivery that the agent has not taken and returns why. If the agent was faster, it returns the result.
func (h *host) callBack(d *delivery, why *failure) *failure {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.onTheWay, d); i >= 0 {
		h.onTheWay = slices.Delete(h.onTheWay, i, i+1)
		return why
	}
	return <-d.end
}
