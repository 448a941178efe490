package lab

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestDelivery(t *testing.T) {
	for name, c := range map[string]struct {
		after  func(h *host, cancel func()) // what happens 59 seconds on
		code   string
		lasted time.Duration
	}{
		"it stays offline":  {func(*host, func()) {}, "DeliveryTimeout", deliveryPatience},
		"it comes online":   {func(h *host, _ func()) { h.set(func(it *Instance) { it.Online = true }) }, "", 59 * time.Second},
		"it changes":        {func(h *host, _ func()) { h.set(func(it *Instance) { it.InstanceName = "x" }) }, "DeliveryTimeout", deliveryPatience},
		"it is powered off": {func(h *host, _ func()) { h.set(func(it *Instance) { it.Status = "Stopped" }) }, "InstanceNotRunning", 59 * time.Second},
		"it is stopped":     {func(_ *host, cancel func()) { cancel() }, "ExecutionInterrupted", 59 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			it := Fleet(1)[0]
			it.Online = false
			h := newHost(0, it)
			began := time.Now()
			time.AfterFunc(59*time.Second, func() { c.after(h, cancel) })
			f := h.deliver(ctx, deliveryPatience)
			code := ""
			if f != nil {
				code = f.code
			}
			if lasted := time.Since(began); code != c.code || lasted != c.lasted {
				t.Errorf("%s: %q after %v, want %q after %v", name, code, lasted, c.code, c.lasted)
			}
			if taken := h.taken; (taken == 1) != (f == nil) {
				t.Errorf("%s: %d tasks taken", name, taken)
			}
		})
	}
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(0, Fleet(1)[0])
		time.Sleep(90 * time.Second)
		if got := h.agentStatus(); got.CloudAssistantStatus != "true" || got.LastHeartbeatTime != "2000-01-01T00:01:00Z" {
			t.Errorf("%+v", got)
		}
		h.set(func(it *Instance) { it.Online = false })
		time.Sleep(time.Hour)
		if got := h.agentStatus(); got.CloudAssistantStatus != "false" || got.LastHeartbeatTime != "2000-01-01T00:01:30Z" {
			t.Errorf("%+v", got)
		}
	})
}
