//go:build unix

package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

// inTwoRegions returns the options of a lab with an instance in each of two regions.
func inTwoRegions() Options {
	return Options{Regions: []string{"cn-hangzhou", "cn-beijing"}, InstancesOf: oneInstance}
}

func oneInstance(region string, first bool) []Instance {
	if first {
		return NumberedInstances(1)
	}
	return NumberedInstancesIn(region, 1)
}

// inBeijing returns a request to run a script on the instance in the second region.
func inBeijing(script string) *assist.RunCommandRequest {
	r := shell(script)
	r.RegionId, r.InstanceId = "cn-beijing", []string{"i-cn-beijing-00001"}
	return r
}

// TestRegionsAreApart submits the same call in two regions, and looks for what belongs to one of them in the other.
func TestRegionsAreApart(t *testing.T) {
	b := open(t, newLab(t, inTwoRegions()))
	here, there := shell("true"), inBeijing("true")
	here.ClientToken, there.ClientToken = "token", "token"
	here.KeepCommand, there.KeepCommand = true, true
	first, second := b.submit(here), b.submit(there)
	if first == second || b.submit(here) != first || b.submit(there) != second {
		t.Error("the calls of two regions share a token")
	}
	for _, one := range []struct {
		region, id string
		want       int
	}{{"cn-hangzhou", first, 1}, {"cn-hangzhou", second, 0}, {"cn-beijing", second, 1}, {"cn-beijing", first, 0}, {"cn-shanghai", first, 0}} {
		answer, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: one.region, InvokeId: one.id})
		if err != nil || len(answer.Invocations.Invocation) != one.want {
			t.Errorf("%+v: %+v, %v", one, answer, err)
		}
	}
	for _, region := range []string{"cn-hangzhou", "cn-beijing"} {
		answer, err := b.DescribeCommands(t.Context(), &assist.DescribeCommandsRequest{RegionId: region})
		if err != nil || len(answer.Commands.Command) != 1 || answer.Commands.Command[0].InvokeTimes != 1 {
			t.Errorf("%s: %+v, %v", region, answer, err)
		}
	}
	elsewhere := inBeijing("true")
	elsewhere.InstanceId = []string{nth(1)}
	if _, err := b.RunCommand(t.Context(), elsewhere); err == nil || !strings.Contains(err.Error(), "InvalidInstance.NotFound") {
		t.Errorf("an instance of another region: %v", err)
	}
	_, err := b.CreateCommand(t.Context(), &assist.CreateCommandRequest{RegionId: "cn-shanghai", Name: "x", Type: "RunShellScript", CommandContent: "eA=="})
	if err == nil || !strings.Contains(err.Error(), "the regions of the lab are cn-hangzhou, cn-beijing") {
		t.Errorf("a region that is not served: %v", err)
	}
	if _, err := b.StopInvocation(t.Context(), &assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: second}); err == nil {
		t.Error("an invocation of another region was stopped")
	}
}

// TestRegionsOfDataDirectory opens a data directory with other regions each time.
func TestRegionsOfDataDirectory(t *testing.T) {
	data := t.TempDir()
	var submitted []string
	for _, step := range []struct {
		regions   []string
		submit    func(string) *assist.RunCommandRequest // nil for none
		instances []string
		lists     map[string][]int // the invocations of regions, newest first, by the order in which they were submitted
	}{
		{nil, shell, []string{nth(1)}, map[string][]int{"cn-hangzhou": {0}}},
		{[]string{"cn-hangzhou", "cn-beijing"}, inBeijing, []string{nth(1), "i-cn-beijing-00001"}, map[string][]int{"cn-hangzhou": {0}, "cn-beijing": {1}}},
		{nil, shell, []string{nth(1), "i-cn-beijing-00001"}, map[string][]int{"cn-hangzhou": {2, 0}, "cn-beijing": {1}}},
		{[]string{"cn-hangzhou"}, shell, []string{nth(1)}, map[string][]int{"cn-hangzhou": {3, 2, 0}, "cn-beijing": nil}},
		{[]string{"cn-hangzhou", "cn-shanghai", "cn-beijing"}, nil, []string{nth(1), "i-cn-shanghai-00001", "i-cn-beijing-00001"}, map[string][]int{"cn-hangzhou": {3, 2, 0}, "cn-beijing": {1}, "cn-shanghai": nil}},
	} {
		l, err := New(Options{Data: data, Regions: step.regions, InstancesOf: oneInstance, Kept: LeaveKept})
		if err != nil {
			t.Fatal(err)
		}
		b := open(t, l)
		if step.submit != nil {
			submitted = append(submitted, b.submit(step.submit("true")))
		}
		var instances []string
		for _, h := range l.hosts() {
			instances = append(instances, h.get().InstanceId)
		}
		if diff := cmp.Diff(step.instances, instances); diff != "" {
			t.Errorf("%v: %s", step.regions, diff)
		}
		for region, want := range step.lists {
			answer, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: region})
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, inv := range answer.Invocations.Invocation {
				got = append(got, slices.Index(submitted, inv.InvokeId))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%v: %s: %s", step.regions, region, diff)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for want, regions := range map[string][]string{
		"its first region is cn-hangzhou, not cn-beijing":     {"cn-beijing", "cn-hangzhou"},
		`region "cn-nowhere": the service has no such region`: {"cn-hangzhou", "cn-nowhere"},
		`region "cn-hangzhou" is given twice`:                 {"cn-hangzhou", "cn-hangzhou"},
	} {
		if _, err := New(Options{Data: data, Regions: regions}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", regions, err)
		}
	}
}

// TestRegionsReset resets a lab with records in two regions.
func TestRegionsReset(t *testing.T) {
	l := newLab(t, inTwoRegions())
	b := open(t, l)
	first, second := b.submit(shell("true")), b.submit(inBeijing("true"))
	if err := l.SetInstance("i-cn-beijing-00001", func(it *Instance) { it.Online = false }); err != nil {
		t.Fatal(err)
	}
	activation, err := b.CreateActivation(t.Context(), &assist.CreateActivationRequest{RegionId: "cn-beijing"})
	if err != nil {
		t.Fatal(err)
	}
	if response := b.reset(new(ResetRequest)); response.Invocations != 2 {
		t.Fatalf("%+v", response)
	}
	for region, id := range map[string]string{"cn-hangzhou": first, "cn-beijing": second} {
		if _, ok := siteAt(l, region).store.invocation(id); ok {
			t.Errorf("%s: %s is still there", region, id)
		}
	}
	if !siteAt(l, "cn-beijing").inventory.hosts[0].get().Online {
		t.Error("an instance is not as it was added")
	}
	host := HostRegistration{ActivationId: activation.ActivationId, ActivationCode: activation.ActivationCode, Instance: Instance{Managed: &Managed{MachineId: "m"}}}
	if _, err := l.RegisterHost(host); err == nil {
		t.Error("an activation is used in another region")
	}
	host.RegionId = "cn-beijing"
	id, err := l.RegisterHost(host)
	if err != nil || l.served.host(id).get().RegionId != "cn-beijing" {
		t.Errorf("%s, %v", id, err)
	}
	if err := l.DeregisterHost(id); err != nil || fmt.Sprint(siteAt(l, "cn-beijing").activations.byID[activation.ActivationId].Deregistered) != "1" {
		t.Error(err)
	}
}
