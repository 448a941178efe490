//go:build unix

package lab

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
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
			it := NumberedInstances(1)[0]
			it.Online = false
			h := newHost(new(instanceIndex), it)
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

// TestDeliveryWindow has a task wait for an agent that does not come: the service tries for a minute.
func TestDeliveryWindow(t *testing.T) {
	inBubble(t, 2, func(b *bubble) {
		b.change(1, func(it *Instance) { it.Online = false })
		id := b.periodic(2, func(*assist.RunCommandRequest) {})
		b.after(59 * time.Second)
		b.want(id, "Pending Running Pending 0")
		b.after(time.Second)
		b.want(id, "PartialFailed PartialFailed Aborted 0")
		if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.ErrorCode != "DeliveryTimeout" || it.StartTime != "" ||
			it.ErrorInfo != "The command delivery has been timeout." || it.UpdateTime != "2000-01-01T00:01:00Z" {
			t.Errorf("%+v", it)
		}
		b.change(1, func(it *Instance) { it.Online = true }) // which is too late
		b.after(time.Hour)
		b.want(id, "PartialFailed PartialFailed Aborted 0")
		if n := len(b.starts()); n != 1 {
			t.Errorf("%d were started", n)
		}
	})
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(new(instanceIndex), NumberedInstances(1)[0])
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
