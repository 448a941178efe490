//go:build unix

package lab

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

func TestPower(t *testing.T) {
	b := openFleet(t, 2)
	ctx, region := t.Context(), "cn-hangzhou"
	start := func(id string) error {
		_, err := b.StartInstance(ctx, &assist.StartInstanceRequest{RegionId: region, InstanceId: id})
		return err
	}
	stop := func(id string) error {
		_, err := b.StopInstance(ctx, &assist.StopInstanceRequest{RegionId: region, InstanceId: id})
		return err
	}
	reboot := func(id string) error {
		_, err := b.RebootInstance(ctx, &assist.RebootInstanceRequest{RegionId: region, InstanceId: id})
		return err
	}
	status := func() string { return b.lab.own.inventory.byID[nth(1)].get().Status }
	for name, do := range map[string]func(string) error{"start": start, "stop": stop, "reboot": reboot} {
		t.Log(name)
		wantRefused(t, do("i-x"), "404 InvalidInstanceId.NotFound")
		wantRefused(t, do(""), "400 MissingParameter.InstanceId")
	}
	wantRefused(t, start(nth(1)), "403 IncorrectInstanceStatus")
	id := b.submit(shell("echo on; sleep 100"))
	b.running(id)
	if err := stop(nth(1)); err != nil || status() != "Stopped" {
		t.Error(status(), err)
	}
	if got := b.settle(id).InvokeInstances.InvokeInstance[0]; got.ErrorCode != "ExecutionInterrupted" {
		t.Errorf("%+v", got)
	}
	wantRefused(t, stop(nth(1)), "403 IncorrectInstanceStatus")
	wantRefused(t, reboot(nth(1)), "403 IncorrectInstanceStatus")
	if err := start(nth(1)); err != nil || status() != "Running" {
		t.Error(status(), err)
	}
	id = b.submit(shell("echo on; sleep 100"))
	b.running(id)
	if err := reboot(nth(1)); err != nil || status() != "Running" {
		t.Error(status(), err)
	}
	if got := b.settle(id).InvokeInstances.InvokeInstance[0]; got.ErrorCode != "ExecutionInterrupted" {
		t.Errorf("%+v", got)
	}
}

func TestSetInstanceOnline(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		no, yes := false, true
		b.must(&SetInstanceOnlineRequest{RegionId: "cn-hangzhou", InstanceId: nth(1), Online: &no})
		id := b.must(shell("true")).(*assist.RunCommandResponse).InvokeId
		b.after(30 * time.Second)
		b.want(id, "Pending Running Pending 0")
		b.must(&SetInstanceOnlineRequest{RegionId: "cn-hangzhou", InstanceId: nth(1), Online: &yes})
		synctest.Wait()
		b.want(id, "Success Finished Success 1")
		_, err := b.call(&SetInstanceOnlineRequest{InstanceId: nth(1)})
		wantRefused(t, err, "400 MissingParameter.Online")
		_, err = b.call(&SetInstanceOnlineRequest{InstanceId: "i-x", Online: &no})
		wantRefused(t, err, "404 InvalidInstanceId.NotFound")
	})
}

// TestPowerNeedsASignature calls what changes instances, unsigned.
func TestPowerNeedsASignature(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	for _, action := range []string{"StopInstance", "RebootInstance", "LabSetInstanceOnline"} {
		r := query(l, http.MethodGet, map[string]string{"Action": action, "InstanceId": nth(1), "Online": "false"})
		q := r.URL.Query()
		q.Set("Signature", "AAAA")
		r.URL.RawQuery = q.Encode()
		if w := serve(l, r); w.Code < 400 {
			t.Errorf("%s: %d", action, w.Code)
		}
	}
	if it := l.own.inventory.byID[nth(1)].get(); it.Status != "Running" || !it.Online {
		t.Errorf("%+v", it)
	}
}
