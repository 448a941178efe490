//go:build unix

package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/assist"
)

func (b *bubble) activate(change func(*assist.CreateActivationRequest)) *assist.CreateActivationResponse {
	b.t.Helper()
	r := &assist.CreateActivationRequest{RegionId: "cn-hangzhou", InstanceName: "web", InstanceCount: 2, TimeToLiveInHours: 1}
	change(r)
	return b.must(r).(*assist.CreateActivationResponse)
}

func unchanged(*assist.CreateActivationRequest) {}

func registration(a *assist.CreateActivationResponse) HostRegistration {
	return HostRegistration{
		ActivationId: a.ActivationId, ActivationCode: a.ActivationCode, Remote: netip.MustParseAddr("198.51.100.7"),
		Instance: Instance{
			Instance: assist.Instance{HostName: "box", OSName: "Debian 13"}, Online: true, AgentVersion: "2.2.3.578",
			Managed: &Managed{MachineId: "m-1", IntranetIp: "10.0.0.7"},
		},
	}
}

func (b *bubble) register(r HostRegistration) (id string) {
	b.t.Helper()
	id, err := b.lab.RegisterHost(r)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bubble) activation(id string) assist.Activation {
	b.t.Helper()
	list := b.must(&assist.DescribeActivationsRequest{RegionId: "cn-hangzhou", ActivationId: id}).(*assist.DescribeActivationsResponse).ActivationList
	if len(list) != 1 {
		b.t.Fatalf("%+v", list)
	}
	return list[0]
}

func (b *bubble) managedPage(page assist.Page) *assist.DescribeManagedInstancesResponse {
	b.t.Helper()
	return b.must(&assist.DescribeManagedInstancesRequest{RegionId: "cn-hangzhou", Page: page}).(*assist.DescribeManagedInstancesResponse)
}

func TestRegisterHost(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		a := b.activate(func(r *assist.CreateActivationRequest) {
			r.Description, r.ResourceGroupId, r.Tag = "factory", "rg-1", []assist.Tag{{Key: "site", Value: "x"}}
		})
		if len(a.ActivationId) != 36 || !strings.HasPrefix(a.ActivationCode, "a-hz") {
			t.Errorf("%+v", a)
		}
		id := b.register(registration(a))
		want := assist.ManagedInstance{
			InstanceId: id, InstanceName: "web-001", Hostname: "box", OsType: "linux", OsVersion: "Debian 13", AgentVersion: "2.2.3.578",
			Connected: true, InternetIp: "198.51.100.7", IntranetIp: "10.0.0.7", MachineId: "m-1", ActivationId: a.ActivationId,
			RegistrationTime: "2000-01-01T00:00:00Z", ResourceGroupId: "rg-1", Tags: assist.List[assist.TagPair]{},
		}
		if diff := cmp.Diff([]assist.ManagedInstance{want}, []assist.ManagedInstance(b.managedPage(assist.Page{}).Instances)); diff != "" || !strings.HasPrefix(id, "mi-hz0") {
			t.Error(id, diff)
		}
		named := registration(a)
		named.Instance.InstanceName = "nas"
		if second := b.lab.own.inventory.host(b.register(named)).get(); second.InstanceName != "nas-002" {
			t.Errorf("named %s", second.InstanceName)
		}
		if err := b.lab.DeregisterHost(id); err != nil {
			t.Fatal(err)
		}
		wanted := assist.Activation{
			ActivationUsage: assist.ActivationUsage{
				ActivationId: a.ActivationId, InstanceName: "web", Description: "factory", InstanceCount: 2, RegisteredCount: 1, DeregisteredCount: 1,
				TimeToLiveInHours: 1, CreationTime: "2000-01-01T00:00:00Z",
			},
			ResourceGroupId: "rg-1", Tags: assist.List[assist.TagPair]{{TagKey: "site", TagValue: "x"}},
		}
		if diff := cmp.Diff(wanted, b.activation(a.ActivationId)); diff != "" {
			t.Error(diff)
		}
		hostNamed := b.activate(func(r *assist.CreateActivationRequest) { r.InstanceName = "" })
		if it := b.lab.own.inventory.host(b.register(registration(hostNamed))).get(); it.InstanceName != "box" {
			t.Errorf("named %s", it.InstanceName)
		}
	})
}

func TestRegistrationRefused(t *testing.T) {
	inBubble(t, 0, func(b *bubble) {
		for _, c := range []struct {
			want     string
			activate func(*assist.CreateActivationRequest)
			change   func(*HostRegistration)
		}{
			{ActivationUnknown, unchanged, func(r *HostRegistration) { r.ActivationId = "none" }},
			{ActivationUnknown, unchanged, func(r *HostRegistration) { r.RegionId = "cn-beijing" }},
			{ActivationCodeWrong, unchanged, func(r *HostRegistration) { r.ActivationCode = "" }},
			{ActivationCodeWrong, unchanged, func(r *HostRegistration) { r.ActivationCode += "x" }},
			{ActivationDisabled, unchanged, func(r *HostRegistration) {
				b.must(&assist.DisableActivationRequest{RegionId: "cn-hangzhou", ActivationId: r.ActivationId})
			}},
			{ActivationUsedUp, unchanged, func(r *HostRegistration) {
				if err := b.lab.DeregisterHost(b.register(*r)); err != nil {
					t.Fatal(err)
				}
				b.register(*r)
			}},
			{ActivationExpired, unchanged, func(*HostRegistration) { b.after(time.Hour) }},
			{ActivationAddressRefused, func(r *assist.CreateActivationRequest) { r.IpAddressRange = "198.51.100.8" }, func(*HostRegistration) {}},
			{ActivationAddressRefused, func(r *assist.CreateActivationRequest) { r.IpAddressRange = "10.0.0.0/8" }, func(*HostRegistration) {}},
			{ActivationAddressRefused, func(r *assist.CreateActivationRequest) { r.IpAddressRange = "2001:db8::/32" }, func(*HostRegistration) {}},
			{"", func(r *assist.CreateActivationRequest) { r.IpAddressRange = "198.51.100.9/24" }, func(*HostRegistration) {}},
			{"", func(r *assist.CreateActivationRequest) { r.IpAddressRange = "198.51.100.0/24" }, func(r *HostRegistration) {
				r.Remote = netip.MustParseAddr("::ffff:198.51.100.7")
			}},
			{"", unchanged, func(*HostRegistration) { b.after(time.Hour - time.Second) }},
		} {
			r := registration(b.activate(c.activate))
			c.change(&r)
			_, err := b.lab.RegisterHost(r)
			refused, _ := errors.AsType[*RegistrationError](err)
			got := ""
			if refused != nil {
				got = refused.Code
			}
			if got != c.want || (err == nil) != (refused == nil) || refused != nil && strings.Contains(refused.Text, "a-hz") {
				t.Errorf("%v, want %q", err, c.want)
			}
		}
	})
}

func TestActivationRefusals(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		a := b.activate(unchanged)
		id := b.register(registration(a))
		for want, r := range map[string]assist.Request{
			"404 ActivationId.NotFound":        &assist.DisableActivationRequest{RegionId: "cn-hangzhou", ActivationId: "none"},
			"404 ActivationId.NotFound ":       &assist.DeleteActivationRequest{RegionId: "cn-hangzhou", ActivationId: "none"},
			"403 ActivationId.InUse":           &assist.DeleteActivationRequest{RegionId: "cn-hangzhou", ActivationId: a.ActivationId},
			"404 InvalidInstance.NotFound":     &assist.DeregisterManagedInstanceRequest{RegionId: "cn-hangzhou", InstanceId: nth(1)},
			"404 InvalidInstance.NotFound ":    &assist.ModifyManagedInstanceRequest{RegionId: "cn-hangzhou", InstanceId: "mi-none", InstanceName: "box"},
			"400 InvalidParam.PageSize":        &assist.DescribeActivationsRequest{RegionId: "cn-hangzhou", Page: assist.Page{PageSize: 51}},
			"400 InvalidParam.PageNumber":      &assist.DescribeActivationsRequest{RegionId: "cn-hangzhou", Page: assist.Page{PageNumber: -1}},
			"400 InvalidParameter.MaxResults":  &assist.DescribeActivationsRequest{RegionId: "cn-hangzhou", Page: assist.Page{MaxResults: 51}},
			"400 InvalidParameter.NextToken":   &assist.DescribeActivationsRequest{RegionId: "cn-hangzhou", Page: assist.Page{NextToken: "x"}},
			"400 ActivationLimitation.Invalid": &assist.CreateActivationRequest{RegionId: "cn-hangzhou", InstanceCount: 1001},
		} {
			_, err := b.call(r)
			wantRefused(t, err, strings.TrimSpace(want))
		}
		b.must(&assist.DeregisterManagedInstanceRequest{RegionId: "cn-hangzhou", InstanceId: id})
		b.must(&assist.DeleteActivationRequest{RegionId: "cn-hangzhou", ActivationId: a.ActivationId})
		if list := b.lab.own.activations.newest(1 << 60); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// TestActivationsOfOtherRegions checks that a lab has managed instances in its own region only.
func TestActivationsOfOtherRegions(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: mixed(t)}))
	_, err := b.CreateActivation(t.Context(), &assist.CreateActivationRequest{RegionId: "cn-beijing"})
	wantRefused(t, err, "400 RegionId.ApiNotSupported")
	_, err = b.DeregisterManagedInstance(t.Context(), &assist.DeregisterManagedInstanceRequest{RegionId: "cn-beijing", InstanceId: managed(1)})
	wantRefused(t, err, "404 InvalidInstance.NotFound")
	list, err := b.DescribeActivations(t.Context(), &assist.DescribeActivationsRequest{RegionId: "cn-beijing"})
	if err != nil || len(list.ActivationList) != 0 {
		t.Error(list, err)
	}
}

// TestDeregister checks that everything that a deregistered instance has to do ends, and that nothing of it is in a list afterwards.
func TestDeregister(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		id := b.register(registration(b.activate(unchanged)))
		send := func(change func(*assist.RunCommandRequest)) string {
			r := shell("true")
			r.Timeout, r.InstanceId = 600, []string{id, nth(1)}
			change(r)
			return b.must(r).(*assist.RunCommandResponse).InvokeId
		}
		b.scripts.set(time.Minute, 0)
		running := send(func(*assist.RunCommandRequest) {})
		repeated := send(func(r *assist.RunCommandRequest) { r.Frequency, r.Timeout = "rate(5m)", 10 })
		atStart := send(func(r *assist.RunCommandRequest) { r.RepeatMode = "EveryReboot" })
		b.after(time.Second)
		if err := b.lab.SetInstance(id, func(it *Instance) { it.Online = false }); err != nil {
			t.Fatal(err)
		}
		waiting := send(func(*assist.RunCommandRequest) {})
		b.after(time.Second)
		removed := b.must(&assist.DeregisterManagedInstanceRequest{RegionId: "cn-hangzhou", InstanceId: id}).(*assist.DeregisterManagedInstanceResponse)
		if removed.Instance.InstanceId != id || removed.Instance.InstanceName != "web-001" {
			t.Errorf("%+v", removed)
		}
		b.after(0)
		var got []string
		for _, invokeID := range []string{running, repeated, atStart, waiting} {
			it := b.describe(invokeID).InvokeInstances.InvokeInstance[0]
			got = append(got, it.InvocationStatus+" "+it.ErrorCode)
		}
		want := []string{"Error InstanceReleased", "Aborted InstanceNotExists", "Aborted InstanceNotExists", "Aborted InstanceNotExists"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		b.after(time.Hour)
		if got := b.describe(repeated).InvokeInstances.InvokeInstance[0]; got.Repeats != 0 {
			t.Errorf("it ran %d times", got.Repeats)
		}
		_, err := b.call(&assist.RunCommandRequest{RegionId: "cn-hangzhou", Type: "RunShellScript", CommandContent: "true", InstanceId: []string{id}})
		wantRefused(t, err, "404 InvalidInstance.NotFound")
		if page := b.managedPage(assist.Page{}); len(page.Instances) != 0 {
			t.Errorf("%+v", page.Instances)
		}
		status := b.must(&assist.DescribeCloudAssistantStatusRequest{RegionId: "cn-hangzhou", InstanceId: []string{id}}).(*assist.DescribeCloudAssistantStatusResponse)
		if list := status.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus; len(list) != 0 {
			t.Errorf("%+v", list)
		}
		if b.stop(repeated); len(b.lab.agents.repetitions) != 1 { // that waits for a start of the other instance
			t.Errorf("%d repetitions", len(b.lab.agents.repetitions))
		}
		b.stop(atStart)
	})
}

// TestRegistrationsAreCounted checks that hosts that register at once do not share a number, and that no more than allowed do.
func TestRegistrationsAreCounted(t *testing.T) {
	inBubble(t, 0, func(b *bubble) {
		a := b.activate(func(r *assist.CreateActivationRequest) { r.InstanceCount = 40 })
		var mu sync.Mutex
		var names []string
		var work sync.WaitGroup
		for range 60 {
			work.Go(func() {
				id, err := b.lab.RegisterHost(registration(a))
				if err != nil {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				names = append(names, b.lab.own.inventory.host(id).get().InstanceName)
			})
		}
		work.Wait()
		slices.Sort(names)
		if names = slices.Compact(names); len(names) != 40 || names[39] != "web-040" {
			t.Errorf("%d: %v", len(names), names)
		}
		if got := b.activation(a.ActivationId).RegisteredCount; got != 40 {
			t.Errorf("%d are registered", got)
		}
	})
}

// TestPagesWhileManagedChange lists managed instances page by page while others join and leave. Those that were there all the time are
// listed once, in their order.
func TestPagesWhileManagedChange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &bubble{t: t, lab: newLab(t, Options{})}
			a := b.activate(func(r *assist.CreateActivationRequest) { r.InstanceCount = 1000 })
			var present, steady []string
			join := func() { present = append(present, b.register(registration(a))) }
			for range rapid.IntRange(0, 25).Draw(rt, "at first") {
				join()
			}
			steady = slices.Clone(present)
			page := assist.Page{MaxResults: int64(rapid.IntRange(1, 7).Draw(rt, "size"))}
			var listed []string
			for {
				got := b.managedPage(page)
				for _, it := range got.Instances {
					listed = append(listed, it.InstanceId)
				}
				if page.NextToken = got.NextToken; page.NextToken == "" {
					break
				}
				for range rapid.IntRange(0, 3).Draw(rt, "changes") {
					if len(present) == 0 || rapid.Bool().Draw(rt, "join") && len(present) < 60 {
						join()
						continue
					}
					i := rapid.IntRange(0, len(present)-1).Draw(rt, "leaves")
					if err := b.lab.DeregisterHost(present[i]); err != nil {
						t.Fatal(err)
					}
					steady = slices.DeleteFunc(steady, func(id string) bool { return id == present[i] })
					present = slices.Delete(present, i, i+1)
				}
			}
			once := slices.DeleteFunc(slices.Clone(listed), func(id string) bool { return !slices.Contains(steady, id) })
			if !slices.Equal(once, steady) {
				rt.Fatalf("listed %v, of which %v were there all the time", listed, steady)
			}
			if all := slices.Compact(slices.Sorted(slices.Values(listed))); len(all) != len(listed) {
				rt.Fatalf("listed twice: %v", listed)
			}
		})
	})
}

// TestActivationRestart checks that activations, their counts and their instances last, and that the code is not on disk.
func TestActivationRestart(t *testing.T) {
	first := &bubble{t: t, lab: newLab(t, Options{Data: t.TempDir()})}
	create := &assist.CreateActivationRequest{RegionId: "cn-hangzhou", InstanceCount: 2, ClientToken: "once"}
	a := first.must(create).(*assist.CreateActivationResponse)
	if again := first.must(create).(*assist.CreateActivationResponse); again.ActivationId != a.ActivationId || again.ActivationCode != a.ActivationCode {
		t.Errorf("%+v, then %+v", a, again)
	}
	kept, removed := first.register(registration(a)), first.register(registration(a))
	if err := first.lab.DeregisterHost(removed); err != nil {
		t.Fatal(err)
	}
	data := crash(t, first.lab)
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(a.ActivationCode)) {
			t.Errorf("%s has the code", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	second := &bubble{t: t, lab: newLab(t, Options{Data: data})}
	if got := second.activation(a.ActivationId); got.RegisteredCount != 1 || got.DeregisteredCount != 1 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(first.managedPage(assist.Page{}).Instances, second.managedPage(assist.Page{}).Instances); diff != "" {
		t.Error(diff)
	}
	if second.lab.own.inventory.host(kept) == nil || second.lab.own.inventory.host(removed) != nil {
		t.Error("the wrong instance is there")
	}
	if again := second.must(create).(*assist.CreateActivationResponse); again.ActivationId != a.ActivationId || again.ActivationCode != "" {
		t.Errorf("%+v", again)
	}
	_, err = second.lab.RegisterHost(registration(a))
	if refused, ok := errors.AsType[*RegistrationError](err); !ok || refused.Code != ActivationUsedUp {
		t.Error(err)
	}
}

// TestDeregisterWhileRunning removes instances while calls send commands to them, for the race detector. Every task ends.
func TestDeregisterWhileRunning(t *testing.T) {
	inBubble(t, 0, func(b *bubble) {
		b.scripts.set(time.Second, 0)
		a := b.activate(func(r *assist.CreateActivationRequest) { r.InstanceCount = 1000 })
		var work sync.WaitGroup
		for range 20 {
			id := b.register(registration(a))
			work.Go(func() {
				for i := range 10 {
					r := shell("true")
					r.InstanceId = []string{id}
					if i%2 == 1 {
						r.Frequency, r.Timeout = "rate(1m)", 10
					}
					_, _ = b.call(r)
					_, _ = b.call(&assist.SendFileRequest{RegionId: "cn-hangzhou", Name: fmt.Sprint(i), TargetDir: "/tmp", Content: "x", InstanceId: []string{id}})
				}
			})
			work.Go(func() {
				_, _ = b.call(&assist.DeregisterManagedInstanceRequest{RegionId: "cn-hangzhou", InstanceId: id})
			})
			work.Go(func() { b.managedPage(assist.Page{}) })
		}
		work.Wait()
		b.after(time.Hour)
		for e := range b.lab.own.store.newest(1<<60, indexKey{byNothing, ""}) {
			for _, task := range b.lab.own.store.read(e).Tasks {
				if !task.Status.Terminal() {
					t.Errorf("%+v", task)
				}
			}
		}
		if n := len(b.lab.agents.jobs) + len(b.lab.agents.repetitions); n != 0 {
			t.Errorf("%d jobs and repetitions are left", n)
		}
	})
}
