//go:build unix

package lab

import (
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

// TestDeliveryInOrder has more tasks wait for an agent than it takes: those that came last find no room.
func TestDeliveryInOrder(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(time.Hour, 0)
		online := func(is bool) {
			b.must(&SetInstanceOnlineRequest{RegionId: "cn-hangzhou", InstanceId: nth(1), Online: &is})
			synctest.Wait()
		}
		online(false)
		const room, more = maxRunning + maxWaiting, 20
		var ids []string
		for range room + more {
			ids = append(ids, b.must(shell("sleep 3600")).(*assist.RunCommandResponse).InvokeId)
			synctest.Wait()
		}
		online(true)
		for i, id := range ids {
			want := ""
			if i >= room {
				want = "TaskConcurrencyLimit"
			}
			if got := b.describe(id).InvokeInstances.InvokeInstance[0].ErrorCode; got != want {
				t.Errorf("the %d. of %d tasks: %q, want %q", i+1, len(ids), got, want)
			}
		}
		stop := &assist.StopInvocationRequest{RegionId: "cn-hangzhou"}
		for _, stop.InvokeId = range ids[:room] {
			b.must(stop)
		}
	})
}

// TestDeliveryIsCalledBack ends the wait for an agent in each way that there is, and none is taken later.
func TestDeliveryIsCalledBack(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		yes, no := true, false
		b.must(&SetInstanceOnlineRequest{RegionId: "cn-hangzhou", InstanceId: nth(1), Online: &no})
		late := b.must(shell("true")).(*assist.RunCommandResponse).InvokeId
		b.after(40 * time.Second)
		stopped := b.must(shell("true")).(*assist.RunCommandResponse).InvokeId
		down := b.must(shell("true")).(*assist.RunCommandResponse).InvokeId
		b.after(10 * time.Second)
		b.must(&assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: stopped})
		b.after(10 * time.Second)
		b.must(&assist.StopInstanceRequest{InstanceId: nth(1)})
		synctest.Wait()
		b.must(&assist.StartInstanceRequest{InstanceId: nth(1)})
		b.must(&SetInstanceOnlineRequest{RegionId: "cn-hangzhou", InstanceId: nth(1), Online: &yes})
		b.after(time.Second)
		for id, want := range map[string]string{late: "Aborted DeliveryTimeout", stopped: "Cancelled ", down: "Aborted InstanceNotRunning"} {
			if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.InvocationStatus+" "+it.ErrorCode != want {
				t.Errorf("%+v, want %s", it, want)
			}
		}
		if h := b.lab.own.inventory.hosts[0]; h.taken != 0 || len(h.onTheWay) != 0 || b.scripts.runs != 0 {
			t.Errorf("%d tasks still have a place, %d are on their way, %d have run", h.taken, len(h.onTheWay), b.scripts.runs)
		}
	})
}
