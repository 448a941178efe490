//go:build unix

package lab

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// modify changes an invocation, which must succeed.
func (b *bubble) modify(invokeID string, change func(r *assist.ModifyInvocationAttributeRequest)) (commandID string) {
	b.t.Helper()
	answer, err := b.tryModify(invokeID, change)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

func (b *bubble) tryModify(invokeID string, change func(r *assist.ModifyInvocationAttributeRequest)) (commandID string, err error) {
	b.t.Helper()
	r := &assist.ModifyInvocationAttributeRequest{RegionId: "cn-hangzhou", InvokeId: invokeID}
	change(r)
	answer, err := b.call(r)
	b.after(0)
	if err != nil {
		return "", err
	}
	return answer.(*assist.ModifyInvocationAttributeResponse).CommandId, nil
}

func content(text string) func(*assist.ModifyInvocationAttributeRequest) {
	return func(r *assist.ModifyInvocationAttributeRequest) { r.CommandContent = text }
}

func frequency(text string) func(*assist.ModifyInvocationAttributeRequest) {
	return func(r *assist.ModifyInvocationAttributeRequest) { r.Frequency = text }
}

func adding(ids ...string) func(*assist.ModifyInvocationAttributeRequest) {
	return func(r *assist.ModifyInvocationAttributeRequest) { r.InstanceId = ids }
}

func parameters(values assist.JSONMap) func(*assist.ModifyInvocationAttributeRequest) {
	return func(r *assist.ModifyInvocationAttributeRequest) { r.EnableParameter, r.Parameters = new(true), values }
}

// commandRuns returns the runs of an invocation with their commands, newest first.
func (b *bubble) commandRuns(invokeID string) []string {
	b.t.Helper()
	answer := b.must(&assist.DescribeInvocationResultsRequest{
		RegionId: "cn-hangzhou", InvokeId: invokeID, IncludeHistory: true, ContentEncoding: assist.PlainText,
	}).(*assist.DescribeInvocationResultsResponse)
	var all []string
	for _, r := range answer.Invocation.InvocationResults.InvocationResult {
		all = append(all, fmt.Sprint(r.CommandId, " ", r.InvocationStatus, " ", strings.TrimSpace(r.Output), " ", r.Repeats))
	}
	return all
}

func TestModifyContent(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(time.Second, 0)
		id := b.periodic(1, every("rate(60s)"))
		before := b.describe(id)
		b.after(90 * time.Second)
		command := b.modify(id, content("echo changed"))
		inv := b.describe(id)
		if command == before.CommandId || inv.CommandId != command || inv.CommandContent != "echo changed" || inv.CreationTime != before.CreationTime || inv.Frequency != "rate(60s)" {
			t.Errorf("%+v", inv)
		}
		b.want(id, "Scheduled Running Scheduled 1")
		b.after(time.Minute)
		want := []string{command + " Success run 2 2", before.CommandId + " Success run 1 1"}
		if got := b.commandRuns(id); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if again := b.modify(id, content("echo changed")); again != command {
			t.Errorf("the same content makes the new command %s", again)
		}
		for filter, n := range map[string]int{command: 1, before.CommandId: 0} {
			answer := b.must(&assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", CommandId: filter}).(*assist.DescribeInvocationsResponse)
			if len(answer.Invocations.Invocation) != n {
				t.Errorf("command %s: %+v", filter, answer.Invocations.Invocation)
			}
		}
	})
}

// TestModifyKillsRun changes a task while it runs: the run has no result, at the next time the new task runs.
func TestModifyKillsRun(t *testing.T) {
	for name, change := range map[string]func(*assist.ModifyInvocationAttributeRequest){
		"content": content("echo changed"), "frequency": frequency("rate(120s)"), "parameters": parameters(assist.JSONMap{"who": "b"}),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 1, func(b *bubble) {
				b.scripts.set(time.Second, 0)
				id := b.periodic(1, func(r *assist.RunCommandRequest) {
					r.CommandContent, r.EnableParameter, r.Parameters, r.Frequency = "echo {{who}}", true, assist.JSONMap{"who": "a"}, "rate(60s)"
				})
				b.after(90 * time.Second)
				b.scripts.set(20*time.Second, 0)
				b.after(40 * time.Second)
				b.want(id, "Running Running Running 2")
				b.modify(id, change)
				b.want(id, "Scheduled Running Scheduled 1")
				if got := b.commandRuns(id); len(got) != 1 || !strings.HasSuffix(got[0], "Success run 1 1") {
					t.Errorf("%q", got)
				}
				b.scripts.set(time.Second, 0)
				b.after(2 * time.Minute)
				if got := b.commandRuns(id); len(got) < 2 || !strings.HasSuffix(got[len(got)-2], "Success run 3 2") {
					t.Errorf("%q", got)
				}
			})
		})
	}
}

// TestModifyKillsFirstRun leaves a task as it was before its first run.
func TestModifyKillsFirstRun(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(20*time.Second, 0)
		id := b.periodic(1, every("rate(60s)"))
		b.after(65 * time.Second)
		b.modify(id, content("echo changed"))
		it := b.describe(id).InvokeInstances.InvokeInstance[0]
		if it.InvocationStatus != "Scheduled" || it.Repeats != 0 || it.StartTime != "" || it.Output != "" || len(b.commandRuns(id)) != 0 {
			t.Errorf("%+v", it)
		}
	})
}

func TestModifyFrequency(t *testing.T) {
	for _, c := range []struct {
		from, to string
		after    time.Duration
		want     []string // starts, before and after the change
	}{
		{"rate(60s)", "rate(150s)", 70 * time.Second, []string{"00:01:00", "00:02:30", "00:05:00"}}, // counted from the creation
		{"rate(60s)", "rate(60s)", 70 * time.Second, []string{"00:01:00", "00:02:00", "00:03:00", "00:04:00", "00:05:00"}},
		{"rate(5m)", "rate(60s)", 130 * time.Second, []string{"00:03:00", "00:04:00", "00:05:00"}},
		{"rate(60s)", "0 30 * * * ? UTC", 70 * time.Second, []string{"00:01:00"}},
		{"0 * * * * ? UTC", "30 * * * * ? UTC", 70 * time.Second, []string{"00:01:00", "00:01:30", "00:02:30", "00:03:30", "00:04:30"}},
		{"at(2000-01-01 00:04:00)", "at(2000-01-01 00:02:00)", time.Minute, []string{"00:02:00"}},
	} {
		inBubble(t, 1, func(b *bubble) {
			id := b.periodic(1, every(c.from))
			b.after(c.after)
			b.modify(id, frequency(c.to))
			if got := b.describe(id).Frequency; got != c.to {
				t.Errorf("%s: %s", c.to, got)
			}
			b.after(5*time.Minute + 10*time.Second - c.after)
			var want []string
			for _, at := range c.want {
				want = append(want, "2000-01-01T"+at+"Z")
			}
			if got := b.starts(); !slices.Equal(got, want) {
				t.Errorf("%s to %s: started at %v, want %v", c.from, c.to, got, want)
			}
		})
	}
}

// TestModifyToTheLastRun ends a task with its new frequency.
func TestModifyToTheLastRun(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		id := b.periodic(1, every("rate(60s)"))
		b.modify(id, frequency("at(2000-01-01 00:01:30)"))
		b.after(2 * time.Minute)
		b.want(id, "Success Finished Success 1")
		_, err := b.tryModify(id, frequency("rate(60s)"))
		wantRefused(t, err, "403 InvalidOperation.InvokeAlreadyFinished")
	})
}

func TestModifyToNever(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		id := b.periodic(1, every("rate(60s)"))
		b.modify(id, frequency("at(1999-01-01 00:01:30)"))
		b.want(id, "Failed Failed Invalid 0")
	})
}

func TestModifyAddsInstances(t *testing.T) {
	inBubble(t, 3, func(b *bubble) {
		b.scripts.set(20*time.Second, 0)
		id := b.periodic(1, every("rate(60s)"))
		other := b.periodic(3, every("rate(5m)"))
		b.after(70 * time.Second)
		b.modify(id, adding(nth(2), nth(1), nth(2), nth(3)))
		b.want(id, "Running Running Running 1")
		inv := b.describe(id)
		var ids, created []string
		for _, it := range inv.InvokeInstances.InvokeInstance {
			ids, created = append(ids, it.InstanceId), append(created, it.CreationTime)
		}
		if want := []string{nth(1), nth(2), nth(3)}; !slices.Equal(ids, want) {
			t.Errorf("%v, want %v", ids, want)
		}
		if want := []string{"2000-01-01T00:00:00Z", "2000-01-01T00:01:10Z", "2000-01-01T00:01:10Z"}; !slices.Equal(created, want) {
			t.Errorf("%v, want %v", created, want)
		}
		b.after(55 * time.Second)
		want := []string{"2000-01-01T00:01:00Z", "2000-01-01T00:02:00Z", "2000-01-01T00:02:00Z", "2000-01-01T00:02:00Z"}
		if got := b.starts(); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		answer := b.must(&assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", InstanceId: nth(3)}).(*assist.DescribeInvocationsResponse)
		var order []string
		for _, inv := range answer.Invocations.Invocation {
			order = append(order, inv.InvokeId)
		}
		if want := []string{other, id}; !slices.Equal(order, want) {
			t.Errorf("invocations of the added instance: %v, want %v", order, want)
		}
		page := b.must(&assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", Page: assist.Page{PageNumber: 2, PageSize: 2}}).(*assist.DescribeInvocationResultsResponse)
		if page.Invocation.TotalCount != 6 || len(page.Invocation.InvocationResults.InvocationResult) != 2 {
			t.Errorf("%+v", page)
		}
		b.stop(id)
		b.stop(other)
	})
}

func TestModifyAddsInstancesToReboots(t *testing.T) {
	inBubble(t, 2, func(b *bubble) {
		id := b.periodic(1, repeated("EveryReboot"))
		b.modify(id, adding(nth(2)))
		b.modify(id, frequency("rate(60s)")) // without effect
		b.after(2 * time.Minute)
		if inv := b.describe(id); inv.Frequency != "" || len(b.starts()) != 0 {
			t.Errorf("%+v, %v", inv, b.starts())
		}
		b.must(&assist.RebootInstanceRequest{InstanceId: nth(2)})
		b.after(time.Second)
		if got := b.starts(); len(got) != 1 {
			t.Errorf("%v", got)
		}
	})
}

func TestModifySavedCommand(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		id := b.periodic(1, func(r *assist.RunCommandRequest) { r.Frequency, r.KeepCommand, r.Name = "rate(60s)", true, "kept" })
		before := b.describe(id).CommandId
		command := b.modify(id, content("echo changed"))
		answer := b.must(&assist.DescribeCommandsRequest{RegionId: "cn-hangzhou", ContentEncoding: assist.PlainText}).(*assist.DescribeCommandsResponse)
		var got []string
		for _, c := range answer.Commands.Command {
			got = append(got, fmt.Sprint(c.CommandId, " ", c.Name, " ", c.CommandContent, " ", c.InvokeTimes))
		}
		if want := []string{command + " kept echo changed 1", before + " kept true 1"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		_, err := b.call(&assist.DeleteCommandRequest{RegionId: "cn-hangzhou", CommandId: command})
		wantRefused(t, err, "403 InvalidStatus.CmdIdInUse")
		b.must(&assist.DeleteCommandRequest{RegionId: "cn-hangzhou", CommandId: before})
		b.stop(id)
		b.must(&assist.DeleteCommandRequest{RegionId: "cn-hangzhou", CommandId: command})
	})
}

func TestModifyToken(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		id := b.periodic(1, every("rate(60s)"))
		change := func(text string) func(r *assist.ModifyInvocationAttributeRequest) {
			return func(r *assist.ModifyInvocationAttributeRequest) { r.CommandContent, r.ClientToken = text, "token" }
		}
		first := b.modify(id, change("one"))
		b.modify(id, content("two"))
		if again := b.modify(id, change("one")); again != first || b.describe(id).CommandContent != "two" {
			t.Errorf("the token makes a second change")
		}
		_, err := b.tryModify(id, change("three"))
		wantRefused(t, err, "403 IdempotentParameterMismatch")
	})
}

func TestModifyRefusals(t *testing.T) {
	inBubble(t, 4, func(b *bubble) {
		b.change(2, func(it *Instance) { it.AgentVersion = "2.2.3.540" })
		b.change(3, func(it *Instance) { it.OSType = "windows" })
		b.change(4, func(it *Instance) { it.Status = "Stopped" })
		once := b.periodic(1, func(*assist.RunCommandRequest) {})
		stopped := b.periodic(1, every("rate(60s)"))
		b.stop(stopped)
		current := b.periodic(1, every("rate(60s)"))
		outdated := b.periodic(2, every("rate(60s)"))
		for _, c := range []struct {
			id, want string
			change   func(r *assist.ModifyInvocationAttributeRequest)
		}{
			{"", "400 MissingParameter.InvokeId", content("true")},
			{"t-none", "404 InvalidInvokeId.NotFound", content("true")},
			{once, "403 InvalidOperation.RepeatModeUnsupported", content("true")},
			{stopped, "403 InvalidOperation.InvokeAlreadyFinished", content("true")},
			{outdated, "403 InvalidOperation.CloudAssistantVersionUnsupported", content("false")},
			{outdated, "403 InvalidOperation.CloudAssistantVersionUnsupported", frequency("rate(90s)")},
			{current, "400 InvalidParameter.Frequency", frequency("rate(1s)")},
			{current, "400 InvalidParameter.Frequency", frequency("nonsense")},
			{current, "400 InvalidParameter.Frequency", frequency("*/5 * * * * ?")},
			{current, "400 InvalidParameters.KeyNotMatch", parameters(assist.JSONMap{"nobody": "x"})},
			{current, "400 InvalidParameters.KeyNotMatch", func(r *assist.ModifyInvocationAttributeRequest) {
				r.CommandContent, r.Parameters = "echo {{a}}", assist.JSONMap{"a": "b"}
			}},
			{current, "400 InvalidParameters.KeyEmpty", parameters(assist.JSONMap{"": "x"})},
			{current, "400 InvalidParameters.KeyMalformed", parameters(assist.JSONMap{"a b": "x"})},
			{current, "403 InvalidParameters.KeyLengthLimitExceeded", parameters(assist.JSONMap{strings.Repeat("a", 65): "x"})},
			{current, "400 InvalidParameters.KeyDuplicate", parameters(assist.JSONMap{"a": "x", "A": "x"})},
			{current, "403 InvalidCommandContent.LengthLimitExceeded", content(strings.Repeat("a", 18*1024+1))},
			{current, "400 InvalidCommandContent.DecodeError", func(r *assist.ModifyInvocationAttributeRequest) {
				r.CommandContent, r.ContentEncoding = "*", assist.Base64
			}},
			{current, "404 InvalidInstanceId.NotFound", adding("i-none")},
			{current, "403 InvalidInstanceId.OSTypeUnsupported", adding(nth(3))},
			{current, "400 InvalidInstanceStatus", adding(nth(4))},
			{current, "403 InvalidInstanceId.CountLimitExceeded", adding(manyIDs(100)...)},
		} {
			_, err := b.tryModify(c.id, c.change)
			wantRefused(t, err, c.want)
		}
		b.modify(outdated, adding()) // needs no version
		b.want(current, "Scheduled Running Scheduled 0")
	})
}

func manyIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("i-many-", i)
	}
	return ids
}

// TestModifyAfterCrash changes an invocation while its script runs, and kills the lab at once: the next lab has the changed invocation,
// and no trace of the run.
func TestModifyAfterCrash(t *testing.T) {
	first := open(t, newLab(t, Options{Data: t.TempDir(), Instances: NumberedInstances(3)}))
	r := shell("echo begun; sleep 1000")
	r.RepeatMode, r.KeepCommand, r.Timeout = "EveryReboot", true, 2000
	id := first.submit(r)
	if _, err := first.RebootInstance(t.Context(), &assist.RebootInstanceRequest{RegionId: "cn-hangzhou", InstanceId: nth(1)}); err != nil {
		t.Fatal(err)
	}
	first.running(id)
	change := &assist.ModifyInvocationAttributeRequest{
		RegionId: "cn-hangzhou", InvokeId: id, CommandContent: "echo changed", InstanceId: []string{nth(3)}, ClientToken: "token",
	}
	answer, err := first.ModifyInvocationAttribute(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	second := open(t, newLab(t, Options{Data: crash(t, first.lab)}))
	inv := second.describe(id)
	if inv.CommandId != answer.CommandId || inv.CommandContent != "echo changed" || len(inv.InvokeInstances.InvokeInstance) != 2 {
		t.Errorf("%+v", inv)
	}
	for _, it := range inv.InvokeInstances.InvokeInstance {
		if it.InvocationStatus != "Scheduled" || it.Repeats != 0 || it.ErrorCode != "" {
			t.Errorf("%+v", it)
		}
	}
	if again, err := second.ModifyInvocationAttribute(t.Context(), change); err != nil || again.CommandId != answer.CommandId {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := second.RebootInstance(t.Context(), &assist.RebootInstanceRequest{RegionId: "cn-hangzhou", InstanceId: nth(3)}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the changed script has run on the added instance", func() bool {
		it := second.describe(id).InvokeInstances.InvokeInstance[1]
		return it.Repeats == 1 && it.Output == "changed\n"
	})
}

// TestModifyManyTimes changes invocations at random times and in random ways. Whatever happens, only the newest script starts, nothing
// stays Running, and each instance runs again.
func TestModifyManyTimes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		inBubble(t, 3, func(b *bubble) {
			b.scripts.set(time.Duration(rapid.IntRange(0, 90).Draw(rt, "duration"))*time.Second, 0)
			id := b.periodic(1, every("rate(60s)"))
			for i := range rapid.IntRange(1, 8).Draw(rt, "changes") {
				b.after(time.Duration(rapid.IntRange(0, 100).Draw(rt, "pause")) * time.Second)
				b.modify(id, rapid.SampledFrom([]func(*assist.ModifyInvocationAttributeRequest){
					content(fmt.Sprint("echo ", i)), frequency("rate(90s)"), frequency("0 * * * * ? UTC"), adding(nth(2)), adding(nth(1), nth(3)),
				}).Draw(rt, "change"))
			}
			b.scripts.set(time.Second, 0)
			b.after(200 * time.Second)
			b.modify(id, content("echo last"))
			starts := len(b.starts())
			b.after(91 * time.Second)
			inv := b.describe(id)
			n := len(inv.InvokeInstances.InvokeInstance)
			if got := len(b.starts()) - starts; got < n {
				rt.Errorf("%d starts on %d instances", got, n)
			}
			last := map[string]int{}
			for _, run := range b.commandRuns(id) {
				if strings.HasPrefix(run, inv.CommandId+" ") {
					last[inv.CommandId]++
				}
			}
			if last[inv.CommandId] < n {
				rt.Errorf("%d runs of the last command on %d instances: %q", last[inv.CommandId], n, b.commandRuns(id))
			}
			b.stop(id)
			b.after(time.Minute)
			b.lab.agents.mu.Lock()
			defer b.lab.agents.mu.Unlock()
			if left := len(b.lab.agents.repetitions) + len(b.lab.agents.jobs); left != 0 {
				rt.Errorf("%d repetitions and jobs are left", left)
			}
		})
	})
}

// TestModifyConcurrently changes one invocation from many sides at once, while others read and stop it.
func TestModifyConcurrently(t *testing.T) {
	b := openFleet(t, 20)
	r := shell("true")
	r.RepeatMode, r.InstanceId = "EveryReboot", []string{nth(1)}
	id := b.submit(r)
	ctx := t.Context()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			request := &assist.ModifyInvocationAttributeRequest{RegionId: "cn-hangzhou", InvokeId: id, CommandContent: fmt.Sprint("echo ", i), InstanceId: []string{nth(i + 1)}}
			if _, err := b.ModifyInvocationAttribute(ctx, request); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := b.RebootInstance(ctx, &assist.RebootInstanceRequest{RegionId: "cn-hangzhou", InstanceId: nth(i + 1)}); err != nil {
				t.Error(err)
			}
			b.describe(id)
			if _, err := b.DescribeInvocationResults(ctx, &assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id, IncludeHistory: true}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	inv := b.describe(id)
	seen := map[string]bool{}
	for _, it := range inv.InvokeInstances.InvokeInstance {
		seen[it.InstanceId] = true
	}
	if len(seen) != 20 || len(inv.InvokeInstances.InvokeInstance) != 20 {
		t.Errorf("%d instances, %d of them different, want 20", len(inv.InvokeInstances.InvokeInstance), len(seen))
	}
	if _, err := b.StopInvocation(ctx, &assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: id}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it has stopped", func() bool { inv := b.describe(id); return inv.Status().Terminal() })
}

// TestModifySimulated drops the run of a simulated instance too.
func TestModifySimulated(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.change(1, func(it *Instance) {
			it.Simulation = &Simulation{Text: "out", Duration: Distribution{Least: 20 * time.Second, Most: 20 * time.Second}}
		})
		id := b.periodic(1, func(r *assist.RunCommandRequest) { r.Frequency, r.Timeout = "rate(60s)", 50 })
		b.after(65 * time.Second)
		b.want(id, "Running Running Running 1")
		b.modify(id, content("echo changed"))
		b.want(id, "Scheduled Running Scheduled 0")
		b.after(2 * time.Minute)
		if got := len(b.commandRuns(id)); got == 0 {
			t.Error("it does not run any more")
		}
	})
}
