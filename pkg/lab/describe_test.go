//go:build unix

package lab

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"muster/pkg/assist"
)

func TestInvocationFilters(t *testing.T) {
	b := openFleet(t, 3)
	send := func(name, script string, instance int, tags ...assist.Tag) *assist.RunCommandResponse {
		r := shell(script)
		r.Name, r.InstanceId, r.Tag = name, []string{nth(instance)}, tags
		answer, err := b.RunCommand(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	good := send("good", "true", 1, assist.Tag{Key: "run", Value: "1"}, assist.Tag{Key: "x"})
	bad := send("bad", "false", 2, assist.Tag{Key: "run", Value: "2"})
	b.settle(good.InvokeId)
	b.settle(bad.InvokeId)
	offline(t, b.lab, 3)
	waiting := send("waiting", "true", 3)
	names := map[string]string{good.InvokeId: "good", bad.InvokeId: "bad", waiting.InvokeId: "waiting"}
	yes, no := true, false

	for want, filters := range map[string][]assist.DescribeInvocationsRequest{
		"waiting,bad,good": {{}, {RepeatMode: "Once"}, {Timed: &no}, {CommandType: "RunShellScript"}, {Type: "RunShellScript"}},
		"bad,good":         {{InvokeStatus: "Finished"}, {InvokeStatus: "finished"}, {Tag: []assist.Tag{{Key: "run"}}}},
		"good": {
			{InvokeId: good.InvokeId}, {CommandId: good.CommandId}, {CommandName: "good"}, {InstanceId: nth(1)}, {InvokeStatus: "Success"},
			{Tag: []assist.Tag{{Key: "run", Value: "1"}}}, {Tag: []assist.Tag{{Key: "run"}, {Key: "x"}}},
			{InstanceId: nth(1), CommandName: "ignored beside InstanceId", RepeatMode: "Period"},
		},
		"bad":     {{InvokeStatus: "Failed"}, {CommandName: "bad", InvokeStatus: "Finished"}},
		"waiting": {{InvokeStatus: "Pending"}, {InvokeStatus: "running"}, {CommandName: "waiting", InvokeStatus: "Running"}},
		"": {
			{Timed: &yes}, {RepeatMode: "Period"}, {CommandType: "RunBatScript"}, {CommandName: "none"}, {InvokeId: "t-none"},
			{InvokeId: good.InvokeId, CommandId: bad.CommandId}, {InstanceId: nth(1), CommandId: bad.CommandId}, {InvokeStatus: "Stopped"},
			{Tag: []assist.Tag{{Key: "run", Value: "3"}}}, {ResourceGroupId: "rg"}, {InstanceId: "i-none"},
		},
	} {
		for _, filter := range filters {
			filter.RegionId = "cn-hangzhou"
			answer, err := b.DescribeInvocations(t.Context(), &filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, inv := range answer.Invocations.Invocation {
				got = append(got, names[inv.InvokeId])
				if it := inv.InvokeInstances.InvokeInstance[0]; it.Output != "" {
					t.Errorf("output without IncludeOutput: %+v", it)
				}
			}
			if strings.Join(got, ",") != want || int(answer.TotalCount) != len(got) {
				t.Errorf("%+v: %v, TotalCount %d, want %s", filter, got, answer.TotalCount, want)
			}
		}
	}
	for _, r := range []assist.DescribeInvocationsRequest{{IncludeOutput: true}, {InvokeStatus: "Gone"}} {
		r.RegionId = "cn-hangzhou"
		if _, err := b.DescribeInvocations(t.Context(), &r); err == nil {
			t.Errorf("%+v was accepted", r)
		}
	}

	for want, filters := range map[string][]assist.DescribeInvocationResultsRequest{
		"waiting,bad,good": {{}},
		"bad,good":         {{InvokeRecordStatus: "Finished"}, {Tag: []assist.Tag{{Key: "run"}}}},
		"good":             {{InvokeId: good.InvokeId}, {CommandId: good.CommandId}, {InstanceId: nth(1)}, {InvokeRecordStatus: "success"}},
		"bad":              {{InvokeRecordStatus: "Failed"}},
		"waiting":          {{InvokeRecordStatus: "Running"}},
		"":                 {{InstanceId: nth(2), InvokeId: good.InvokeId}, {InvokeId: "t-none"}, {ResourceGroupId: "rg"}},
	} {
		for _, filter := range filters {
			filter.RegionId = "cn-hangzhou"
			answer, err := b.DescribeInvocationResults(t.Context(), &filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, result := range answer.Invocation.InvocationResults.InvocationResult {
				got = append(got, names[result.InvokeId])
			}
			if strings.Join(got, ",") != want || int(answer.Invocation.TotalCount) != len(got) {
				t.Errorf("%+v: %v, TotalCount %d, want %s", filter, got, answer.Invocation.TotalCount, want)
			}
		}
	}
	for _, r := range []assist.DescribeInvocationResultsRequest{{IncludeHistory: true}, {InvokeRecordStatus: "Gone"}} {
		r.RegionId = "cn-hangzhou"
		if _, err := b.DescribeInvocationResults(t.Context(), &r); err == nil {
			t.Errorf("%+v was accepted", r)
		}
	}
}

// TestEncodings checks that an empty or unknown encoding means the default of the action.
func TestEncodings(t *testing.T) {
	b := openFleet(t, 1)
	ctx := t.Context()
	const script, scriptBase64 = "echo 1", "ZWNobyAx"
	for encoding, content := range map[string]string{"": script, "other": script, "plaintext": script, "PlainText": script, "BASE64": scriptBase64, "Base64": scriptBase64} {
		r := shell(content)
		r.ContentEncoding = encoding
		if got := b.run(r); got.Output != "1\n" {
			t.Errorf("RunCommand, %q: %+v", encoding, got)
		}
	}
	for encoding, content := range map[string]string{"": scriptBase64, "other": scriptBase64, "base64": scriptBase64, "PLAINTEXT": script} {
		r := &assist.CreateCommandRequest{RegionId: "cn-hangzhou", Name: "n", Type: "RunShellScript", CommandContent: content, ContentEncoding: encoding}
		saved, err := b.CreateCommand(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.commands(assist.DescribeCommandsRequest{CommandId: saved.CommandId, ContentEncoding: "plaintext"}); got[0].CommandContent != script {
			t.Errorf("CreateCommand, %q: %+v", encoding, got)
		}
	}
	id := b.submit(shell(script))
	b.settle(id)
	for encoding, plain := range map[string]bool{"": false, "other": false, "base64": false, "plaintext": true} {
		wantScript, wantOutput := scriptBase64, "MQo="
		if plain {
			wantScript, wantOutput = script, "1\n"
		}
		commands := b.commands(assist.DescribeCommandsRequest{ContentEncoding: encoding})
		invocations, err := b.DescribeInvocations(ctx, &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", InvokeId: id, IncludeOutput: true, ContentEncoding: encoding})
		if err != nil {
			t.Fatal(err)
		}
		results, err := b.DescribeInvocationResults(ctx, &assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id, ContentEncoding: encoding})
		if err != nil {
			t.Fatal(err)
		}
		inv := invocations.Invocations.Invocation[0]
		got := []string{
			commands[0].CommandContent, inv.CommandContent, inv.InvokeInstances.InvokeInstance[0].Output,
			results.Invocation.InvocationResults.InvocationResult[0].Output,
		}
		if diff := cmp.Diff([]string{wantScript, wantScript, wantOutput, wantOutput}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", encoding, diff)
		}
	}
}

// TestOneInstanceOfMany requests an invocation by one instance. The response has only that instance, and the state of the whole
// invocation.
func TestOneInstanceOfMany(t *testing.T) {
	b := openFleet(t, 2)
	r := shell("test $(hostname) = lab-001")
	r.InstanceId = []string{nth(1), nth(2)}
	b.settle(b.submit(r))
	answer, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", InstanceId: nth(2), IncludeOutput: true})
	if err != nil {
		t.Fatal(err)
	}
	inv := answer.Invocations.Invocation[0]
	got := []string{inv.InvocationStatus, inv.InvokeStatus}
	for _, it := range inv.InvokeInstances.InvokeInstance {
		got = append(got, it.InstanceId)
	}
	if diff := cmp.Diff([]string{"PartialFailed", "Finished", nth(2)}, got); diff != "" {
		t.Errorf("invocation (-want +got):\n%s", diff)
	}
}

func TestInstanceFilters(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(12)})
	b := open(t, l)
	for n, change := range map[int]func(it *Instance){
		1: func(it *Instance) { it.Status = "Stopped" },
		2: func(it *Instance) {
			it.ResourceGroupId, it.InstanceType, it.VpcAttributes.VpcId = "rg-1", "ecs.big", "vpc-2"
			it.OperationLocks.LockReason = []assist.LockReason{{LockReason: "financial"}}
			it.MetadataOptions = []byte(`{"HttpEndpoint":"disabled","HttpTokens":"required"}`)
			it.NetworkInterfaces.NetworkInterface = []assist.NetworkInterface{{}}
			it.NetworkInterfaces.NetworkInterface[0].Ipv6Sets.Ipv6Set = []assist.Ipv6Set{{Ipv6Address: "2001:db8::1"}}
		},
		3: func(it *Instance) { it.Tags.Tag = []assist.TagPair{{TagKey: "env"}} },
	} {
		if err := l.SetInstance(nth(n), change); err != nil {
			t.Fatal(err)
		}
	}
	one, empty, web := "1", "", "web"
	for want, filters := range map[string][]assist.DescribeInstancesRequest{
		"1": {
			{Status: "Stopped"}, {InstanceName: "lab-001"}, {Tag: []assist.TagFilter{{Key: "index", Value: &one}}},
			{PrivateIpAddresses: assist.JSONList{"10.0.0.1"}}, {InstanceIds: assist.JSONList{nth(1), "i-none", nth(1)}},
		},
		"2": {
			{ResourceGroupId: "rg-1"}, {InstanceType: "ecs.big"}, {VpcId: "vpc-2"}, {InstanceIds: assist.JSONList{nth(2)}, Status: "running"},
			{LockReason: "financial"}, {HttpEndpoint: "disabled"}, {HttpTokens: "required"}, {Ipv6Address: []string{"::1", "2001:db8::1"}},
		},
		"3":        {{Tag: []assist.TagFilter{{Key: "env", Value: &empty}}}},
		"2,5,8,11": {{ZoneId: "cn-hangzhou-b"}},
		"1,4,7,10": {{Tag: []assist.TagFilter{{Key: "role", Value: &web}, {Key: "env"}}}},
		"10,11,12": {{InstanceName: "lab-01*"}},
		"": {
			{InstanceIds: assist.JSONList{}}, {InstanceIds: assist.JSONList{"i-none"}}, {InstanceName: "lab"}, {Status: "Starting"},
			{LockReason: "security"}, {HttpEndpoint: "disabled", HttpTokens: "optional"}, {Ipv6Address: []string{"::1"}}, {RdmaIpAddresses: "10.0.0.1"},
			{KeyPairName: "k"}, {PublicIpAddresses: assist.JSONList{"1.2.3.4"}}, {SecurityGroupId: "sg-x"},
			{Filter: []assist.Tag{{Key: "CreationStartTime", Value: "2999-01-01T00:00Z"}}},
		},
	} {
		for _, filter := range filters {
			filter.RegionId = "cn-hangzhou"
			answer, err := b.DescribeInstances(t.Context(), &filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, it := range answer.Instances.Instance {
				got = append(got, strings.TrimLeft(strings.TrimPrefix(it.InstanceId, "i-lab"), "0"))
			}
			if strings.Join(got, ",") != want || int(answer.TotalCount) != len(got) {
				t.Errorf("%+v: %v, TotalCount %d, want %s", filter, got, answer.TotalCount, want)
			}
		}
	}
	for want, r := range map[string]assist.DescribeInstancesRequest{
		"400 DryRunOperation":              {DryRun: true},
		"400 InvalidParameter.InstanceIds": {InstanceIds: make([]string, 101)},
		"400 NumberExceed.Tags":            {Tag: make([]assist.TagFilter, 21)},
		"400 InvalidParameter.Filter":      {Filter: []assist.Tag{{Key: "CreationStartTime", Value: "yesterday"}}},
	} {
		r.RegionId = "cn-hangzhou"
		_, err := b.DescribeInstances(t.Context(), &r)
		wantRefused(t, err, want)
	}
}

// TestTagFilterRefusals filters by tags that are not valid.
func TestTagFilterRefusals(t *testing.T) {
	l := newLab(t, Options{})
	for _, action := range []string{"DescribeInvocations", "DescribeInvocationResults", "DescribeCommands", "DescribeSendFileResults"} {
		for want, params := range map[string]map[string]string{
			"MissingParameter.TagKey":   {"Tag.1.Value": "v"},
			"InvalidTagKey.Malformed":   {"Tag.1.Key": "acs:rm"},
			"InvalidTagValue.Malformed": {"Tag.1.Key": "k", "Tag.1.Value": "https://x"},
			"Duplicate.TagKey":          {"Tag.1.Key": "k", "Tag.2.Key": "k"},
			"":                          {"Tag.1.Key": "k", "Tag.2.Key": "l", "Tag.2.Value": ""},
		} {
			params["Action"] = action
			if got := errorBody(t, serve(l, query(l, "GET", params))); got.Code != want {
				t.Errorf("%s, %v: %s", action, params, got.Code)
			}
		}
	}
}

func TestCloudAssistantStatus(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(30)})
	b := open(t, l)
	offline(t, l, 2)
	if err := l.SetInstance(nth(3), func(it *Instance) { it.OSType, it.AgentVersion = "windows", "" }); err != nil {
		t.Fatal(err)
	}
	b.run(shell("true"))
	long := b.submit(shell("echo started; exec sleep 600"))
	b.running(long)
	ask := func(r assist.DescribeCloudAssistantStatusRequest) *assist.DescribeCloudAssistantStatusResponse {
		t.Helper()
		r.RegionId = "cn-hangzhou"
		answer, err := b.DescribeCloudAssistantStatus(t.Context(), &r)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	ids := []string{"i-none", nth(3)}
	for i := range 20 {
		ids = append(ids, nth(i+1))
	}
	answer := ask(assist.DescribeCloudAssistantStatusRequest{InstanceId: ids, Page: assist.Page{MaxResults: 1}})
	all := answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus
	if len(all) != 20 || answer.NextToken != "" || answer.TotalCount != 20 {
		t.Fatalf("%d agents, %+v", len(all), answer.Paged)
	}
	want := assist.InstanceCloudAssistantStatus{
		InstanceId: nth(1), CloudAssistantStatus: "true", CloudAssistantVersion: "2.2.3.857", OSType: "Linux", InvocationCount: 1, ActiveTaskCount: 1,
		SupportSessionManager: all[0].SupportSessionManager,
	}
	times := cmpopts.IgnoreFields(assist.InstanceCloudAssistantStatus{}, "LastHeartbeatTime", "LastInvokedTime")
	if diff := cmp.Diff(want, all[0], times); diff != "" || all[0].LastHeartbeatTime == "" || all[0].LastInvokedTime == "" {
		t.Errorf("agent, heartbeat %q, invoked %q (-want +got):\n%s", all[0].LastHeartbeatTime, all[0].LastInvokedTime, diff)
	}
	if it := all[1]; it.CloudAssistantStatus != "false" || it.LastHeartbeatTime == "" || it.LastInvokedTime != "" {
		t.Errorf("%+v", it)
	}
	if it := all[2]; it.CloudAssistantStatus != "false" || it.CloudAssistantVersion != "" || it.OSType != "Windows" {
		t.Errorf("%+v", it)
	}
	b.stop(long)
	b.settle(long)

	if got := ask(assist.DescribeCloudAssistantStatusRequest{OSType: "windows"}); got.TotalCount != 1 {
		t.Errorf("%+v", got)
	}
	first := ask(assist.DescribeCloudAssistantStatusRequest{Page: assist.Page{MaxResults: 20}})
	second := ask(assist.DescribeCloudAssistantStatusRequest{Page: assist.Page{MaxResults: 20, NextToken: first.NextToken}})
	if n := len(second.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus); n != 10 || second.NextToken != "" {
		t.Errorf("%d on the second page, %+v", n, second.Paged)
	}
	_, err := b.DescribeCloudAssistantStatus(t.Context(), &assist.DescribeCloudAssistantStatusRequest{RegionId: "cn-hangzhou", InstanceId: make([]string, 51)})
	wantRefused(t, err, "403 InstanceIds.ExceedLimit")
}

func TestRegions(t *testing.T) {
	b := openFleet(t, 0)
	for language, want := range map[string]string{"": "华东1（杭州）", "zh-CN": "华东1（杭州）", "en-US": "China (Hangzhou)"} {
		answer, err := b.DescribeRegions(t.Context(), &assist.DescribeRegionsRequest{AcceptLanguage: language})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(answer.Regions.Region, func(r assist.Region) bool { return r.RegionId == "cn-hangzhou" })
		if i < 0 || answer.Regions.Region[i] != (assist.Region{RegionId: "cn-hangzhou", LocalName: want, RegionEndpoint: b.host, Status: "available"}) {
			t.Errorf("%+v", answer)
		}
	}
}

// TestConcurrentDescribeInvocations requests different invocations concurrently. The pooled slices must not mix them.
func TestConcurrentDescribeInvocations(t *testing.T) {
	const n = 6
	b := openFleet(t, n)
	ids := make([]string, n)
	for i := range ids {
		r := shell("true")
		for j := range i + 1 {
			r.InstanceId = append(r.InstanceId, nth((i+j)%n+1))
		}
		r.InstanceId = r.InstanceId[1:] // the instance of shell
		ids[i] = b.submit(r)
	}
	for _, id := range ids {
		b.settle(id)
	}
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			for range 50 {
				answer, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", InvokeId: id})
				if err != nil || len(answer.Invocations.Invocation) != 1 {
					t.Errorf("%+v, %v", answer, err)
					return
				}
				instances := answer.Invocations.Invocation[0].InvokeInstances.InvokeInstance
				if len(instances) != i+1 {
					t.Errorf("%d instances, want %d", len(instances), i+1)
				}
				for j, it := range instances {
					if it.InstanceId != nth((i+j)%n+1) || it.InvocationStatus != "Success" {
						t.Errorf("%d of %d: %+v", j, i, it)
					}
				}
			}
		})
	}
	wg.Wait()
}
