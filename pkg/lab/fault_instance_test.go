//go:build unix

package lab

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

// sends returns the calls that send something to instances. The CommandId of InvokeCommand is missing.
func sends(ids ...string) []assist.Request {
	r := shell("true")
	r.InstanceId = ids
	return []assist.Request{
		r,
		&assist.InvokeCommandRequest{RegionId: "cn-hangzhou", InstanceId: ids},
		&assist.SendFileRequest{RegionId: "cn-hangzhou", InstanceId: ids, Name: "f", TargetDir: "/", Content: "x", ContentType: assist.PlainText},
	}
}

// TestRefusedInstances checks that calls are refused as a whole because of instances that look healthy.
func TestRefusedInstances(t *testing.T) {
	const text = "instance=InvalidInstanceStatus*2"
	inFaultyBubble(t, 4, func(b *bubble) {
		saved := b.must(&assist.CreateCommandRequest{
			RegionId: "cn-hangzhou", Name: "x", Type: "RunShellScript", ContentEncoding: assist.PlainText, CommandContent: "true",
		}).(*assist.CreateCommandResponse).CommandId
		for _, ids := range [][]string{{nth(1), nth(2), nth(3), nth(4)}, {nth(2), nth(3)}, {nth(3), nth(4), nth(1)}} {
			for _, r := range sends(ids...) {
				if invoke, ok := r.(*assist.InvokeCommandRequest); ok {
					invoke.CommandId = saved
				}
				_, err := b.call(r)
				wantRefused(t, err, "400 InvalidInstanceStatus")
			}
		}
		if n := b.lab.FaultCounts()[text]; n != 9 || b.scripts.runs != 0 || len(b.lab.own.store.invocations) != 0 {
			t.Errorf("counted %d, %d runs, %v", n, b.scripts.runs, b.lab.own.store.invocations)
		}
		for _, r := range sends(nth(3), nth(4)) {
			if invoke, ok := r.(*assist.InvokeCommandRequest); ok {
				invoke.CommandId = saved
			}
			b.must(r)
		}
		synctest.Wait()
		if b.scripts.runs != 4 || b.lab.FaultCounts()[text] != 9 {
			t.Errorf("%d runs, %v", b.scripts.runs, b.lab.FaultCounts())
		}
		for _, it := range b.must(&assist.DescribeInstancesRequest{RegionId: "cn-hangzhou"}).(*assist.DescribeInstancesResponse).Instances.Instance {
			if it.Status != "Running" {
				t.Errorf("%s is shown as %s", it.InstanceId, it.Status)
			}
		}
		for _, it := range b.must(&assist.DescribeCloudAssistantStatusRequest{RegionId: "cn-hangzhou", InstanceId: []string{nth(1), nth(2)}}).(*assist.DescribeCloudAssistantStatusResponse).InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus {
			if it.CloudAssistantStatus != "true" {
				t.Errorf("%s is shown as offline", it.InstanceId)
			}
		}
	}, text)
}

// TestInstancesGoOffline checks that only the second command or file that is sent to an instance finds it offline.
func TestInstancesGoOffline(t *testing.T) {
	const text = "instance=offline:2*1"
	for _, second := range []int{0, 2} { // of sends
		inFaultyBubble(t, 2, func(b *bubble) {
			first := b.must(shell("true")).(*assist.RunCommandResponse).InvokeId
			synctest.Wait()
			b.want(first, "Success Finished Success 1")
			if n := len(b.lab.FaultCounts()); n != 0 || !b.lab.own.inventory.hosts[0].get().Online {
				t.Error("the instance is offline before its second command or file:", b.lab.FaultCounts())
			}
			b.must(sends(nth(1), nth(2))[second])
			synctest.Wait()
			if hosts := b.lab.own.inventory.hosts; b.lab.FaultCounts()[text] != 1 || hosts[0].get().Online || !hosts[1].get().Online {
				t.Error("the wrong instances are online:", b.lab.FaultCounts())
			}
			b.after(deliveryPatience + time.Second)
			if second == 0 {
				last := b.must(&assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou"}).(*assist.DescribeInvocationsResponse).Invocations.Invocation[0]
				it := b.describe(last.InvokeId).InvokeInstances.InvokeInstance
				if it[0].ErrorCode != "DeliveryTimeout" || it[1].InvocationStatus != "Success" {
					t.Errorf("%+v", it)
				}
			}
			b.change(1, func(it *Instance) { it.Online = true })
			last := b.must(shell("true")).(*assist.RunCommandResponse).InvokeId
			synctest.Wait()
			b.want(last, "Success Finished Success 1")
			if n := b.lab.FaultCounts()[text]; n != 1 || !b.lab.own.inventory.hosts[0].get().Online {
				t.Errorf("it occurred %d times, or the instance is offline again", n)
			}
		}, text)
	}
}

// TestFaultsOfNamedInstances checks that a fault affects the instance that it names, and that an instance has one fault only.
func TestFaultsOfNamedInstances(t *testing.T) {
	inFaultyBubble(t, 4, func(b *bubble) {
		var got strings.Builder
		for n := range 4 {
			_, err := b.call(sends(nth(n + 1))[0])
			synctest.Wait()
			fmt.Fprint(&got, refusedWith(err), b.lab.own.inventory.hosts[n].get().Online, "; ")
		}
		if want := "404 InvalidInstance.NotFoundtrue; <nil>false; <nil>false; <nil>true; "; got.String() != want {
			t.Errorf("%s, want %s", got.String(), want)
		}
	}, "i-lab00003=offline", "i-lab00001=InvalidInstance.NotFound", "instance=offline:1*1")
	f, err := ParseFault("i-lab00005=offline")
	if err != nil {
		t.Fatal(err)
	}
	if l, err := New(Options{Instances: NumberedInstances(4), Faults: []Fault{f}}); err == nil || !strings.Contains(err.Error(), "no such instance") {
		l.Close()
		t.Error(err)
	}
	if err := newLab(t, Options{Instances: NumberedInstances(4)}).SetFaults([]Fault{f}); err == nil {
		t.Error("SetFaults accepted a fault of an instance that does not exist")
	}
}

// TestInstanceFaultsDependOnTheSeed checks that the same seed selects the same instances, and another seed others.
func TestInstanceFaultsDependOnTheSeed(t *testing.T) {
	for _, fault := range []Fault{
		{Action: "instance", Code: "InvalidInstance.NotFound", Share: 20}, {Action: "instance", Code: "offline", Detail: "1", Share: 20},
	} {
		affected := func(seed uint64) string {
			l := newLab(t, Options{Instances: NumberedInstances(200), FaultSeed: seed, Faults: []Fault{fault}})
			var text strings.Builder
			for n := range 200 {
				if l.faults.refuseInstance(nth(n+1)) != nil || l.faults.dueOffline(nth(n+1)) {
					fmt.Fprint(&text, n, " ")
				}
			}
			return text.String()
		}
		first := affected(1)
		if n := strings.Count(first, " "); n < 20 || n > 60 {
			t.Errorf("%s: %d of 200 are affected: %s", fault, n, first)
		}
		if first != affected(1) || first == affected(2) {
			t.Errorf("%s: the seed does not determine the affected instances", fault)
		}
	}
}
