//go:build unix

package lab

import (
	"fmt"
	"testing"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/fakeclock"
	"muster/pkg/lab/keep"
)

// count tells how many invocations a filter finds, in both lists.
func (b *bubble) count(filter assist.DescribeInvocationsRequest) string {
	b.t.Helper()
	filter.RegionId = "cn-hangzhou"
	invocations := b.must(&filter).(*assist.DescribeInvocationsResponse).TotalCount
	results := b.must(&assist.DescribeInvocationResultsRequest{
		RegionId: "cn-hangzhou", InvokeId: filter.InvokeId, CommandId: filter.CommandId, InstanceId: filter.InstanceId,
	}).(*assist.DescribeInvocationResultsResponse).Invocation.TotalCount
	return fmt.Sprint(invocations, " ", results)
}

func TestRetention(t *testing.T) {
	inBubble(t, 2, func(b *bubble) {
		saved := b.must(&assist.CreateCommandRequest{RegionId: "cn-hangzhou", Name: "n", Type: "RunShellScript", CommandContent: "dHJ1ZQ=="})
		command := saved.(*assist.CreateCommandResponse).CommandId
		invoke := &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: command, InstanceId: []string{nth(1), nth(2)}}
		ended := b.must(invoke).(*assist.InvokeCommandResponse).InvokeId
		waits := b.periodic(1, func(r *assist.RunCommandRequest) { r.RepeatMode = "EveryReboot" })
		b.must(&assist.SendFileRequest{RegionId: "cn-hangzhou", Name: "f", TargetDir: "/", Content: "x", InstanceId: []string{nth(1)}})
		files := func() int64 {
			return b.must(&assist.DescribeSendFileResultsRequest{RegionId: "cn-hangzhou"}).(*assist.DescribeSendFileResultsResponse).TotalCount
		}
		b.after(fileAge)
		if n := files(); n != 1 {
			t.Errorf("%d files after a day", n)
		}
		b.after(sweepInterval)
		if n := files(); n != 0 {
			t.Errorf("%d files after more than a day", n)
		}

		all := []assist.DescribeInvocationsRequest{{InvokeId: ended}, {CommandId: command}, {InstanceId: nth(2)}}
		b.after(invocationAge - fileAge - sweepInterval)
		for i, want := range []string{"1 2", "1 2", "1 1"} {
			if got := b.count(all[i]); got != want {
				t.Errorf("%+v: %s after 30 days, want %s", all[i], got, want)
			}
		}
		b.after(sweepInterval)
		for _, filter := range all {
			if got := b.count(filter); got != "0 0" {
				t.Errorf("%+v: %s after more than 30 days", filter, got)
			}
		}
		if got := b.count(assist.DescribeInvocationsRequest{}); got != "1 1" {
			t.Errorf("%s left, want the one that waits", got)
		}
		commands := b.must(&assist.DescribeCommandsRequest{RegionId: "cn-hangzhou"}).(*assist.DescribeCommandsResponse)
		if n := commands.Commands.Command[0].InvokeTimes; n != 1 {
			t.Errorf("the command was invoked %d times", n)
		}

		b.stop(waits)
		b.after(2 * sweepInterval)
		b.want(waits, "Stopped Stopped Cancelled 0") // it has been so for two hours only
		b.after(invocationAge)
		if got := b.count(assist.DescribeInvocationsRequest{}); got != "0 0" {
			t.Errorf("%s left", got)
		}
		if err := b.lab.Reboot(nth(1)); err != nil { // which had it waiting
			t.Error(err)
		}
	})
}

func TestRetentionOfTheDataDirectory(t *testing.T) {
	clock := fakeclock.New(time.Now())
	b := open(t, newLab(t, Options{Data: t.TempDir(), Instances: NumberedInstances(2), Clock: clock}))
	ctx := t.Context()
	saved, err := b.CreateCommand(ctx, &assist.CreateCommandRequest{RegionId: "cn-hangzhou", Name: "n", Type: "RunShellScript", CommandContent: "dHJ1ZQ=="})
	if err != nil {
		t.Fatal(err)
	}
	invoke := &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: saved.CommandId, InstanceId: []string{nth(1), nth(2)}}
	send := &assist.SendFileRequest{RegionId: "cn-hangzhou", Name: "f", TargetDir: "/", Content: "x", InstanceId: []string{nth(1)}}
	for range 2 {
		answer, err := b.InvokeCommand(ctx, invoke)
		if err != nil {
			t.Fatal(err)
		}
		b.settle(answer.InvokeId)
		sent, err := b.SendFile(ctx, send)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "the file has arrived", func() bool {
			answer, err := b.DescribeSendFileResults(ctx, &assist.DescribeSendFileResultsRequest{RegionId: "cn-hangzhou", InvokeId: sent.InvokeId})
			return err == nil && assist.ParseStatus(answer.Invocations.Invocation[0].InvocationStatus).Terminal()
		})
		send.Name = "g"
		clock.Advance(invocationAge + time.Minute)
	}
	if err := b.lab.SetInstance(nth(2), func(it *Instance) { it.Online = false }); err != nil {
		t.Fatal(err)
	}
	last, err := b.InvokeCommand(ctx, invoke)
	if err != nil {
		t.Fatal(err)
	}
	kept := b.lab.storage.(*keep.Database)
	for of, want := range map[keep.Kind]int{ofInvocation: 1, ofTask: 2, ofRun: 0, ofFile: 0, ofFileTask: 0, ofCommand: 1} {
		n := 0
		if err := kept.Each(of, func(string, []byte) error { n++; return nil }); err != nil || n != want {
			t.Errorf("%d %s are kept, want %d, %v", n, of, want, err)
		}
	}
	again := open(t, newLab(t, Options{Data: crash(t, b.lab), Clock: clock}))
	commands, err := again.DescribeCommands(ctx, &assist.DescribeCommandsRequest{RegionId: "cn-hangzhou"})
	if err != nil || commands.Commands.Command[0].InvokeTimes != 3 {
		t.Errorf("%+v, %v", commands, err)
	}
	if got := again.describe(last.InvokeId); got.InvokeInstances.InvokeInstance[1].InvocationStatus != "Pending" {
		t.Errorf("%+v", got)
	}
	if _, err := again.SendFile(ctx, send); err != nil {
		t.Error(err)
	}
}

// TestRetentionByNumber has more invocations than the service keeps, with one among the oldest that has not ended.
func TestRetentionByNumber(t *testing.T) {
	s := newStore()
	const n = maxInvocations + 100
	fill(s, n, "x")
	for i := range n {
		for index := range 2 {
			if i != 7 {
				s.change(taskRef{fmt.Sprint("x", i), index}, func(t *task) bool { t.Status = assist.StatusSuccess; return true })
			}
		}
	}
	lists := [][]indexKey{nil, {{byCommandName, "x"}}, {{byInstanceID, "i-2"}}}
	before := s.shortest(1<<40, nil)
	s.forget(time.Now())
	if len(before) != n || before[0].InvokeId != "x0" {
		t.Errorf("who was reading has %d invocations left", len(before))
	}
	for _, list := range lists {
		all := s.shortest(1<<40, list)
		if len(all) != maxInvocations || all[0].InvokeId != "x7" || all[1].InvokeId != "x101" || all[len(all)-1].InvokeId != fmt.Sprint("x", n-1) {
			t.Errorf("%v: %d left, from %s and %s on", list, len(all), all[0].InvokeId, all[1].InvokeId)
		}
	}
	if _, ok := s.invocation("x0"); ok || s.size() != maxInvocations || len(s.index) != 4+maxInvocations {
		t.Errorf("%d left, %d lists", s.size(), len(s.index))
	}
	if s.change(taskRef{"x0", 0}, func(*task) bool { return true }) || !s.task(taskRef{"x0", 0}).Status.Terminal() {
		t.Error("a forgotten task has not ended")
	}

	files := newFileStore()
	for i := range maxFiles + 5 {
		files.add(&sentFile{InvokeId: fmt.Sprint(i), Created: time.Now()}, []string{"i-1"})
		if i != 2 {
			files.change(taskRef{fmt.Sprint(i), 0}, func(t *task) { t.Status = assist.StatusSuccess })
		}
	}
	files.forget(time.Now())
	if files.size() != maxFiles || files.inOrder[0].InvokeId != "2" || files.inOrder[1].InvokeId != "6" || len(files.byID) != maxFiles {
		t.Errorf("%d files left, %d by id", files.size(), len(files.byID))
	}
}

// TestRetentionIsLookedAt counts how often, and how many calls are too many.
func TestRetentionIsLookedAt(t *testing.T) {
	var r retention
	began := time.Now()
	looks := 0
	for minute := range 181 {
		if r.due(began.Add(time.Duration(minute) * time.Minute)) {
			looks++
		}
	}
	if looks != 4 {
		t.Errorf("%d looks in three hours", looks)
	}
	if !r.due(began.Add(-time.Hour)) {
		t.Error("it waits for a time that the clock was set back from")
	}
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	l.retention.sweep(l.clock.Now(), l.served)
	fill(l.own.store, maxInvocations+maxInvocations/10+1, "x")
	for i := range 2000 {
		for index := range 2 {
			l.own.store.change(taskRef{fmt.Sprint("x", i), index}, func(t *task) bool { t.Status = assist.StatusSuccess; return true })
		}
	}
	l.retention.sweep(l.clock.Now(), l.served)
	if n := l.own.store.size(); n != maxInvocations {
		t.Errorf("%d left", n)
	}
}
