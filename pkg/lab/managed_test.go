//go:build unix

package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"muster/pkg/assist"
)

// mixed returns an ECS instance, three managed instances (box, tagged env=prod), another ECS instance, and a managed Windows
// instance that is not connected.
func mixed(t testing.TB) []Instance {
	t.Helper()
	file, err := readFleetText(`groups:
- {name: web, tags: {env: prod}}
- {name: box, managed: true, count: 3, tags: {env: prod}}
- {name: db}
- {name: desk, managed: true, os: windows, online: false}
`)
	if err != nil {
		t.Fatal(err)
	}
	return file.Instances
}

func managed(n int) string { return fmt.Sprintf("mi-lab%05d", n) }

func onManaged(n int, script string) *assist.RunCommandRequest {
	r := shell(script)
	r.InstanceId = []string{managed(n)}
	return r
}

func managedInstances(b *client, r assist.DescribeManagedInstancesRequest) *assist.DescribeManagedInstancesResponse {
	b.t.Helper()
	r.RegionId = "cn-hangzhou"
	answer, err := b.DescribeManagedInstances(b.t.Context(), &r)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

func TestManagedInstance(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: mixed(t)}))
	it := managedInstances(b, assist.DescribeManagedInstancesRequest{InstanceId: []string{managed(2)}}).Instances[0]
	want := assist.ManagedInstance{
		InstanceId: managed(2), InstanceName: "box-002", Hostname: "box-002", OsType: "linux", OsVersion: systemName(),
		AgentVersion: agentVersion, Connected: true, IntranetIp: "172.16.0.2", MachineId: "6c616200-0000-4000-9000-000000000002",
		ActivationId: "6c616200-0000-4000-a000-000000000002", Tags: assist.List[assist.TagPair]{{TagKey: "env", TagValue: "prod"}},
	}
	if diff := cmp.Diff(want, it, cmpopts.IgnoreFields(it, "RegistrationTime")); diff != "" {
		t.Error(diff)
	}
	if assist.ParseTime(it.RegistrationTime).IsZero() {
		t.Errorf("registered at %q", it.RegistrationTime)
	}
	b.run(onManaged(2, "true"))
	it = managedInstances(b, assist.DescribeManagedInstancesRequest{InstanceId: []string{managed(2)}}).Instances[0]
	if it.InvocationCount != 1 || assist.ParseTime(it.LastInvokedTime).IsZero() {
		t.Errorf("invoked %d times, last at %q", it.InvocationCount, it.LastInvokedTime)
	}
}

func TestManagedFilters(t *testing.T) {
	instances := mixed(t)
	instances[2].ResourceGroupId, instances[2].Managed.InternetIp = "rg-1", "203.0.113.7"
	b := open(t, newLab(t, Options{Instances: instances}))
	yes, no, prod, empty := true, false, "prod", ""
	for _, c := range []struct {
		request assist.DescribeManagedInstancesRequest
		want    []int
	}{
		{assist.DescribeManagedInstancesRequest{}, []int{1, 2, 3, 4}},
		{assist.DescribeManagedInstancesRequest{InstanceId: []string{managed(4), "mi-none", nth(1), managed(1), managed(4)}}, []int{1, 4}},
		{assist.DescribeManagedInstancesRequest{InstanceId: []string{nth(1)}}, nil},
		{assist.DescribeManagedInstancesRequest{InstanceName: "box-003"}, []int{3}},
		{assist.DescribeManagedInstancesRequest{InstanceName: "box*"}, nil},
		{assist.DescribeManagedInstancesRequest{InstanceIp: "172.16.0.3"}, []int{3}},
		{assist.DescribeManagedInstancesRequest{InstanceIp: "203.0.113.7"}, []int{2}},
		{assist.DescribeManagedInstancesRequest{OsType: "Windows"}, []int{4}},
		{assist.DescribeManagedInstancesRequest{OsType: "FreeBSD"}, nil},
		{assist.DescribeManagedInstancesRequest{ActivationId: "6c616200-0000-4000-a000-000000000004"}, []int{4}},
		{assist.DescribeManagedInstancesRequest{MachineId: "6c616200-0000-4000-9000-000000000001"}, []int{1}},
		{assist.DescribeManagedInstancesRequest{Connected: &yes}, []int{1, 2, 3}},
		{assist.DescribeManagedInstancesRequest{Connected: &no}, []int{4}},
		{assist.DescribeManagedInstancesRequest{ResourceGroupId: "rg-1"}, []int{2}},
		{assist.DescribeManagedInstancesRequest{Tag: []assist.TagFilter{{Key: "env"}}}, []int{1, 2, 3}},
		{assist.DescribeManagedInstancesRequest{Tag: []assist.TagFilter{{Key: "env", Value: &prod}}}, []int{1, 2, 3}},
		{assist.DescribeManagedInstancesRequest{Tag: []assist.TagFilter{{Key: "env", Value: &empty}}}, nil},
		{assist.DescribeManagedInstancesRequest{Tag: []assist.TagFilter{{Key: "env"}, {Key: "role"}}}, nil},
	} {
		var want []string
		for _, n := range c.want {
			want = append(want, managed(n))
		}
		answer := managedInstances(b, c.request)
		var got []string
		for _, it := range answer.Instances {
			got = append(got, it.InstanceId)
		}
		if !slices.Equal(got, want) || int(answer.TotalCount) != len(want) {
			t.Errorf("%+v: %v of %d, want %v", c.request, got, answer.TotalCount, want)
		}
	}
}

func TestManagedRefusals(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: mixed(t)}))
	web := "http://web"
	for want, r := range map[string]assist.DescribeManagedInstancesRequest{
		"400 InvalidParameter.InstanceId": {InstanceId: make([]string, 51)},
		"400 NumberExceed.Tags":           {Tag: make([]assist.TagFilter, 21)},
		"400 MissingParameter.TagKey":     {Tag: []assist.TagFilter{{}}},
		"400 InvalidTagKey.Malformed":     {Tag: []assist.TagFilter{{Key: "acs:x"}}},
		"400 InvalidTagValue.Malformed":   {Tag: []assist.TagFilter{{Key: "x", Value: &web}}},
		"400 Duplicate.TagKey":            {Tag: []assist.TagFilter{{Key: "x"}, {Key: "x"}}},
	} {
		r.RegionId = "cn-hangzhou"
		_, err := b.DescribeManagedInstances(t.Context(), &r)
		wantRefused(t, err, want)
	}
	_, err := b.DescribeManagedInstances(t.Context(), &assist.DescribeManagedInstancesRequest{})
	wantRefused(t, err, "400 MissingParameter.RegionId")
	other, err := b.DescribeManagedInstances(t.Context(), &assist.DescribeManagedInstancesRequest{RegionId: "cn-beijing"})
	if err != nil || len(other.Instances) > 0 {
		t.Error(other, err)
	}
}

func TestManagedPages(t *testing.T) {
	file, err := readFleetText("groups: [{name: a, managed: true, count: 60}, {name: web, count: 5}, {name: b, managed: true, count: 63}]")
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, newLab(t, Options{Instances: file.Instances}))
	for _, size := range []int64{0, 1, 7, 50} {
		var got []string
		request := assist.DescribeManagedInstancesRequest{RegionId: "cn-hangzhou", Page: assist.Page{MaxResults: size}}
		for it, err := range b.AllManagedInstances(t.Context(), request) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, it.InstanceId)
		}
		if len(got) != 123 || !slices.IsSorted(got) || got[122] != managed(123) {
			t.Errorf("by %d: %d instances", size, len(got))
		}
	}
	last := managedInstances(b, assist.DescribeManagedInstancesRequest{Page: assist.Page{PageSize: 50, PageNumber: 3}})
	if diff := cmp.Diff(assist.Paged{TotalCount: 123, PageNumber: 3, PageSize: 50}, last.Paged); diff != "" || len(last.Instances) != 23 {
		t.Errorf("%d instances: %s", len(last.Instances), diff)
	}
}

// TestManagedAreNotECS checks that managed instances do not exist for actions for ECS instances.
func TestManagedAreNotECS(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: mixed(t)}))
	ctx, region := t.Context(), "cn-hangzhou"
	for _, r := range []assist.DescribeInstancesRequest{
		{}, {InstanceIds: assist.JSONList{managed(1), nth(2), nth(1)}}, {InstanceNetworkType: "vpc"}, {Page: assist.Page{MaxResults: 10}},
	} {
		r.RegionId = region
		answer, err := b.DescribeInstances(ctx, &r)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, it := range answer.Instances.Instance {
			ids = append(ids, it.InstanceId)
		}
		if !slices.Equal(ids, []string{nth(1), nth(2)}) || answer.TotalCount > 2 {
			t.Errorf("%+v: %v of %d", r, ids, answer.TotalCount)
		}
	}
	for name, do := range map[string]func(id string) error{
		"start": func(id string) error {
			_, err := b.StartInstance(ctx, &assist.StartInstanceRequest{RegionId: region, InstanceId: id})
			return err
		},
		"stop": func(id string) error {
			_, err := b.StopInstance(ctx, &assist.StopInstanceRequest{RegionId: region, InstanceId: id})
			return err
		},
		"reboot": func(id string) error {
			_, err := b.RebootInstance(ctx, &assist.RebootInstanceRequest{RegionId: region, InstanceId: id})
			return err
		},
	} {
		t.Log(name)
		wantRefused(t, do(managed(1)), "404 InvalidInstanceId.NotFound")
	}
	_, err := b.InstallCloudAssistant(ctx, &assist.InstallCloudAssistantRequest{RegionId: region, InstanceId: []string{managed(1)}})
	wantRefused(t, err, "404 InvalidInstance.NotFound")
	if err := b.lab.Reboot(managed(1)); err == nil {
		t.Error("a managed instance was rebooted")
	}

	r := shell("true")
	r.InstanceId, r.ResourceTag = nil, []assist.Tag{{Key: "env", Value: "prod"}}
	if inv := b.settle(b.submit(r)); len(inv.InvokeInstances.InvokeInstance) != 1 || inv.InvokeInstances.InvokeInstance[0].InstanceId != nth(1) {
		t.Errorf("by tag: %+v", inv)
	}
	for kind, want := range map[string]string{
		"instance":        nth(1) + " env=prod",
		"managedinstance": managed(1) + " env=prod\n" + managed(2) + " env=prod\n" + managed(3) + " env=prod",
	} {
		lines, _ := b.allTags(assist.ListTagResourcesRequest{ResourceType: kind, Tag: []assist.TagFilter{{Key: "env"}}})
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", kind, got, want)
		}
	}
}

func TestManagedAgents(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: mixed(t)}))
	for _, c := range []struct{ ask, want []string }{
		{nil, []string{nth(1) + " true", nth(2) + " true"}},
		{[]string{managed(4), nth(1), managed(1)}, []string{nth(1) + " true", managed(1) + " true", managed(4) + " false"}},
	} {
		answer, err := b.DescribeCloudAssistantStatus(t.Context(), &assist.DescribeCloudAssistantStatusRequest{RegionId: "cn-hangzhou", InstanceId: c.ask})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, it := range answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus {
			got = append(got, it.InstanceId+" "+it.CloudAssistantStatus)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.ask, got, c.want)
		}
	}
}

func TestManagedRuns(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: mixed(t)}))
	ctx, region := t.Context(), "cn-hangzhou"
	r := onManaged(1, "echo $HOSTNAME {{ACS::InstanceId}}")
	r.InstanceId, r.EnableParameter = append(r.InstanceId, nth(1)), true
	id := b.submit(r)
	b.settle(id)
	results, err := b.DescribeInvocationResults(ctx, &assist.DescribeInvocationResultsRequest{RegionId: region, InvokeId: id, InstanceId: managed(1)})
	if err != nil {
		t.Fatal(err)
	}
	all := results.Invocation.InvocationResults.InvocationResult
	if len(all) != 1 || all[0].InstanceId != managed(1) || all[0].InvocationStatus != "Success" {
		t.Fatalf("%+v", all)
	}
	if output, err := assist.DecodeContent(all[0].Output, assist.Base64); err != nil || !strings.HasSuffix(string(output), " "+managed(1)+"\n") {
		t.Errorf("%q, %v", output, err)
	}
	_, err = b.RunCommand(ctx, onManaged(4, "true"))
	wantRefused(t, err, "400 InvalidInstance.NotMatch")
	_, err = b.RunCommand(ctx, onManaged(5, "true"))
	wantRefused(t, err, "404 InvalidInstance.NotFound")

	long := b.submit(onManaged(2, "echo begun; sleep 600"))
	b.running(long)
	_, err = b.StopInvocation(ctx, &assist.StopInvocationRequest{RegionId: region, InvokeId: long, InstanceId: []string{managed(2)}})
	if it := b.settle(long).InvokeInstances.InvokeInstance[0]; err != nil || it.InstanceId != managed(2) || it.InvocationStatus != "Terminated" {
		t.Errorf("%+v, %v", it, err)
	}

	saved, err := b.CreateCommand(ctx, &assist.CreateCommandRequest{RegionId: region, Name: "c", Type: "RunShellScript", CommandContent: "dHJ1ZQ=="})
	if err != nil {
		t.Fatal(err)
	}
	invoked, err := b.InvokeCommand(ctx, &assist.InvokeCommandRequest{RegionId: region, CommandId: saved.CommandId, InstanceId: []string{managed(3)}})
	if err != nil {
		t.Fatal(err)
	}
	if inv := b.settle(invoked.InvokeId); inv.InvocationStatus != "Success" {
		t.Errorf("%+v", inv)
	}

	sent, err := b.SendFile(ctx, &assist.SendFileRequest{RegionId: region, Name: "f", TargetDir: "/srv", Content: "x", InstanceId: []string{managed(3)}})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the file arrives", func() bool {
		answer, err := b.DescribeSendFileResults(ctx, &assist.DescribeSendFileResultsRequest{RegionId: region, InvokeId: sent.InvokeId, InstanceId: managed(3)})
		return err == nil && answer.Invocations.Invocation[0].InvocationStatus == "Success"
	})
}

// TestManagedOffline checks that a task of a managed instance that is not connected waits for the agent, as on an ECS instance.
func TestManagedOffline(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: mixed(t)}))
	online := func(online bool) {
		t.Helper()
		request := &SetInstanceOnlineRequest{RegionId: "cn-hangzhou", InstanceId: managed(1), Online: &online}
		if _, err := setInstanceOnline(call{Lab: b.lab, site: b.lab.own}, request); err != nil {
			t.Fatal(err)
		}
	}
	online(false)
	id := b.submit(onManaged(1, "echo hi"))
	if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Pending" {
		t.Errorf("%+v", it)
	}
	online(true)
	if it := b.settle(id).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Success" || it.Output != "hi\n" {
		t.Errorf("%+v", it)
	}
}

// TestManagedPowerOff checks that a managed instance is not connected after a script has powered it off, and that a rebooted one
// is.
func TestManagedPowerOff(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: mixed(t)}))
	long := b.submit(onManaged(1, "echo begun; sleep 600"))
	b.running(long)
	b.run(onManaged(1, "exit 193"))
	if it := b.settle(long).InvokeInstances.InvokeInstance[0]; it.ErrorCode != "ExecutionInterrupted" {
		t.Errorf("%+v", it)
	}
	if it := managedInstances(b, assist.DescribeManagedInstancesRequest{InstanceId: []string{managed(1)}}).Instances[0]; it.Connected {
		t.Errorf("%+v", it)
	}
	b.run(onManaged(2, "exit 194"))
	if it := managedInstances(b, assist.DescribeManagedInstancesRequest{InstanceId: []string{managed(2)}}).Instances[0]; !it.Connected {
		t.Errorf("%+v", it)
	}
}

func TestManagedFault(t *testing.T) {
	fault, err := ParseFault(managed(1) + "=InvalidInstance.NotFound")
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, newLab(t, Options{Instances: mixed(t), Faults: []Fault{fault}}))
	_, err = b.RunCommand(t.Context(), onManaged(1, "true"))
	wantRefused(t, err, "404 InvalidInstance.NotFound")
}

func TestManagedIDs(t *testing.T) {
	one := mixed(t)
	one[1].InstanceId = "i-box"
	if _, err := New(Options{Instances: one}); err == nil {
		t.Error("New accepted a managed instance with the id of an ECS instance")
	}
	two := NumberedInstances(1)
	two[0].InstanceId = managed(1)
	if _, err := New(Options{Instances: two}); err == nil {
		t.Error("New accepted an ECS instance with the id of a managed instance")
	}
}

func TestManagedRestart(t *testing.T) {
	first := open(t, newLab(t, Options{Data: t.TempDir(), Instances: mixed(t)}))
	first.run(onManaged(3, "true"))
	if err := first.lab.SetInstance(managed(2), func(it *Instance) { it.Online = false }); err != nil {
		t.Fatal(err)
	}
	before := managedInstances(first, assist.DescribeManagedInstancesRequest{})
	second := open(t, newLab(t, Options{Data: crash(t, first.lab)}))
	after := managedInstances(second, assist.DescribeManagedInstancesRequest{})
	if diff := cmp.Diff(before.Instances, after.Instances); diff != "" {
		t.Error(diff)
	}
	if after.Instances[1].Connected || after.Instances[2].InvocationCount != 1 {
		t.Errorf("%+v", after.Instances)
	}
	if it := second.run(onManaged(1, "hostname")); strings.TrimSpace(it.Output) == "" || it.InstanceId != managed(1) {
		t.Errorf("%+v", it)
	}
}
