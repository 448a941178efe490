//go:build unix

package lab

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

// hostKey is the key of all hosts of these tests.
var hostKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// publicHostKey is the public part of it, as a registration has it.
func publicHostKey() []byte {
	text, err := x509.MarshalPKIXPublicKey(&hostKey().PublicKey)
	if err != nil {
		panic(err)
	}
	return text
}

// enrolledInstance returns an enrolled host whose agent has a build.
func enrolledInstance(id, version string) Instance {
	it := Instance{AgentVersion: version, Managed: &Managed{Enrolment: &Enrolment{MachineId: "m-" + id, PublicKey: publicHostKey()}}}
	it.InstanceId = id
	return it
}

// realHost is a lab with one enrolled host, whose agent is the test.
type realHost struct {
	*bubble
	id       string
	notified atomic.Int64

	deregistrations atomic.Int64 // how often the agent was told to give up its registration
}

func withRealHost(t *testing.T, version string, test func(r *realHost)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &realHost{id: "mi-1"}
		r.bubble = &bubble{t: t, lab: newLab(t, Options{Instances: []Instance{enrolledInstance(r.id, version)}})}
		r.attach(r.lab)
		test(r)
	})
}

// attach connects the agent with a lab.
func (r *realHost) attach(l *Lab) {
	r.lab = l
	connectAgents(l, r)
	enrolledHosts{l}.Connected(r.id, true)
}

// Kick counts.
func (r *realHost) Kick(_ string, k protocol.Kick) {
	if k.Action == protocol.KickDeregister {
		r.deregistrations.Add(1)
		return
	}
	r.notified.Add(1)
}

// run sends a command to the host.
func (r *realHost) run(change func(*assist.RunCommandRequest)) (invokeID string) {
	r.t.Helper()
	request := shell("echo hello")
	request.InstanceId, request.Timeout = []string{r.id}, 60
	change(request)
	return r.must(request).(*assist.RunCommandResponse).InvokeId
}

func once(*assist.RunCommandRequest) {}

func (r *realHost) fetch(q protocol.ListRequest) protocol.List {
	r.t.Helper()
	list, err := enrolledHosts{r.lab}.Tasks(r.t.Context(), r.id, q)
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// take fetches a list that must have one task to run.
func (r *realHost) take(q protocol.ListRequest) protocol.Task {
	r.t.Helper()
	list := r.fetch(q)
	if len(list.Run) != 1 {
		r.t.Fatalf("%+v", list)
	}
	return list.Run[0]
}

func (r *realHost) report(report protocol.Report) {
	r.t.Helper()
	if err := (enrolledHosts{r.lab}).Report(r.t.Context(), r.id, report); err != nil {
		r.t.Fatal(err)
	}
}

// reports are those of a run of a task, which starts now.
type reports struct {
	*realHost
	task  protocol.Task
	start time.Time
}

func (r *realHost) starting(t protocol.Task) reports { return reports{r, t, time.Now()} }

func (r reports) send(kind protocol.ReportKind, output string, change ...func(*protocol.Report)) {
	r.t.Helper()
	report := protocol.Report{Kind: kind, TaskId: r.task.Id, Version: r.task.Version, Start: r.start, Output: []byte(output)}
	if kind != protocol.Running {
		report.End = time.Now()
	}
	for _, f := range change {
		f(&report)
	}
	r.report(report)
}

func unstarted(r *protocol.Report) { r.Start, r.End = time.Time{}, time.Time{} }

// result returns the state, error code, exit code if it is not 0, and output of the host's latest run.
func (r *realHost) result(invokeID string) string {
	r.t.Helper()
	it := r.describe(invokeID).InvokeInstances.InvokeInstance[0]
	words := []string{it.InvocationStatus, it.ErrorCode}
	if it.ExitCode != 0 {
		words = append(words, fmt.Sprint(it.ExitCode))
	}
	return strings.Join(strings.Fields(strings.Join(append(words, it.Output), " ")), " ")
}

func (r *realHost) wantResult(invokeID, want string) {
	r.t.Helper()
	if got := r.result(invokeID); got != want {
		r.t.Errorf("%q, want %q", got, want)
	}
}

// TestEnrolledHostRuns runs a script, whose output comes in parts.
func TestEnrolledHostRuns(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		id := r.run(once)
		r.wantResult(id, "Pending")
		if r.notified.Load() == 0 {
			t.Error("the agent was not notified")
		}
		run := r.starting(r.take(protocol.ListRequest{}))
		if list := r.fetch(protocol.ListRequest{}); len(list.Run) != 0 {
			t.Errorf("handed out twice: %+v", list)
		}
		run.send(protocol.Running, "")
		r.wantResult(id, "Running")
		run.send(protocol.Running, "one\n")
		r.wantResult(id, "Running one")
		run.send(protocol.Finished, "two\n", func(p *protocol.Report) { p.ExitCode = 3 })
		r.wantResult(id, "Failed ExitCodeNonzero 3 one two")
		if list := r.fetch(protocol.ListRequest{Startup: true}); len(list.Run)+len(list.Stop) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// TestReportsAreIdempotent sends reports twice, late, in another order and of other tasks.
func TestReportsAreIdempotent(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		id := r.run(once)
		run := r.starting(r.take(protocol.ListRequest{}))
		run.send(protocol.Finished, "all\n") // the reports before it were lost
		r.wantResult(id, "Success all")
		for _, kind := range []protocol.ReportKind{protocol.Running, protocol.Finished, protocol.TimedOut, protocol.Failed, protocol.Stopped, protocol.Invalid} {
			run.send(kind, "more\n")
			run.send(kind, "more\n", unstarted)
		}
		r.wantResult(id, "Success all")
		run.task.Id = "t-of-another-host"
		run.send(protocol.Finished, "")
	})
}

// TestSilentAgent waits for reports that never come. What was handed out is stopped and never handed out again.
func TestSilentAgent(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		never, begun := r.run(once), r.run(once)
		for _, task := range r.fetch(protocol.ListRequest{}).Run {
			if task.Id == begun {
				r.starting(task).send(protocol.Running, "begun\n")
			}
		}
		late := r.starting(protocol.Task{Id: begun, Version: 1})
		r.after(deliveryPatience + time.Second)
		r.wantResult(never, "Aborted ClientNotResponse")
		r.after(reportGrace)
		r.wantResult(begun, "Error ClientNotResponse begun")
		list := r.fetch(protocol.ListRequest{Startup: true})
		if len(list.Run) != 0 || len(list.Stop) != 2 {
			t.Errorf("%+v", list)
		}
		late.send(protocol.Finished, "late\n")
		r.wantResult(begun, "Error ClientNotResponse begun")
		if list := r.fetch(protocol.ListRequest{}); len(list.Stop) != 1 {
			t.Errorf("%+v", list)
		}
	})
}

// TestAgentOffline sends a command to a host whose agent cannot be notified.
func TestAgentOffline(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		enrolledHosts{r.lab}.Connected(r.id, false)
		id := r.run(once)
		r.after(deliveryPatience + time.Second)
		r.wantResult(id, "Aborted DeliveryTimeout")
		enrolledHosts{r.lab}.Connected(r.id, true)
		if list := r.fetch(protocol.ListRequest{Startup: true}); len(list.Run)+len(list.Stop) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// TestOldAgentGetsTasksAgain hands out a task again to a build that ignores what it has had.
func TestOldAgentGetsTasksAgain(t *testing.T) {
	withRealHost(t, "2.2.3.578", func(r *realHost) {
		id := r.run(once)
		r.take(protocol.ListRequest{})
		run := r.starting(r.take(protocol.ListRequest{}))
		run.send(protocol.Running, "")
		if list := r.fetch(protocol.ListRequest{}); len(list.Run) != 0 {
			t.Errorf("%+v", list)
		}
		run.send(protocol.Finished, "")
		r.wantResult(id, "Success")
	})
}

// TestStopOnEnrolledHost stops a task that was not handed out, one that was, and one that runs.
func TestStopOnEnrolledHost(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		waiting := r.run(once)
		r.stop(waiting)
		r.wantResult(waiting, "Cancelled")

		handed := r.run(once)
		task := r.take(protocol.ListRequest{})
		r.stop(handed)
		r.wantResult(handed, "Stopping")
		if list := r.fetch(protocol.ListRequest{}); len(list.Stop) != 1 || list.Stop[0].Id != handed {
			t.Errorf("%+v", list)
		}
		r.starting(task).send(protocol.Stopped, "", unstarted)
		r.wantResult(handed, "Cancelled")

		running := r.run(once)
		run := r.starting(r.take(protocol.ListRequest{}))
		run.send(protocol.Running, "begun\n")
		r.stop(running)
		r.wantResult(running, "Stopping begun")
		run.send(protocol.Stopped, "end\n")
		r.wantResult(running, "Terminated begun end")

		silent := r.run(once)
		r.starting(r.take(protocol.ListRequest{})).send(protocol.Running, "")
		r.stop(silent)
		r.after(3 * reportGrace)
		r.wantResult(silent, "Error ClientNotResponse")
		if list := r.fetch(protocol.ListRequest{}); len(list.Stop) != 1 || list.Stop[0].Id != silent {
			t.Errorf("%+v", list)
		}
	})
}

// TestScheduleOnEnrolledHost has three runs: one that is reported, one whose end is lost, one that is late. The agent has the schedule
// again after a restart and after a connection, and until it is stopped.
func TestScheduleOnEnrolledHost(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		id := r.run(every("rate(5m)"))
		task := r.take(protocol.ListRequest{})
		if task.Repeat != protocol.Rate || task.Schedule != "rate(5m)" {
			t.Errorf("%+v", task)
		}
		if list := r.fetch(protocol.ListRequest{}); len(list.Run) != 0 {
			t.Errorf("%+v", list)
		}
		r.take(protocol.ListRequest{Startup: true})
		r.want(id, "Scheduled Running Scheduled 0")

		r.after(5 * time.Minute)
		first := r.starting(task)
		first.send(protocol.Running, "")
		r.want(id, "Running Running Running 1")
		first.send(protocol.Finished, "1\n")
		first.send(protocol.Running, "again")
		first.send(protocol.Finished, "again")
		r.want(id, "Scheduled Running Scheduled 1")
		r.wantResult(id, "Scheduled 1")

		r.after(5 * time.Minute)
		second := r.starting(task)
		second.send(protocol.Running, "")
		r.after(5 * time.Minute)
		r.want(id, "Scheduled Running Scheduled 2")
		third := r.starting(task)
		third.send(protocol.Finished, "3\n")
		second.send(protocol.Finished, "late\n")
		r.want(id, "Scheduled Running Scheduled 3")
		history := r.must(&assist.DescribeInvocationResultsRequest{
			RegionId: "cn-hangzhou", InvokeId: id, IncludeHistory: true, ContentEncoding: assist.PlainText,
		}).(*assist.DescribeInvocationResultsResponse).Invocation.InvocationResults.InvocationResult
		var runs []string
		for _, run := range history {
			runs = append(runs, strings.TrimSpace(fmt.Sprint(run.InvocationStatus, " ", run.ErrorCode, run.Output)))
		}
		if got := strings.Join(runs, ", "); got != "Success 3, Error ClientNotResponse, Success 1" {
			t.Error(got)
		}

		enrolledHosts{r.lab}.Connected(r.id, false)
		enrolledHosts{r.lab}.Connected(r.id, true)
		r.take(protocol.ListRequest{})
		r.stop(id)
		r.want(id, "Stopped Stopped Cancelled 3")
		if list := r.fetch(protocol.ListRequest{Startup: true}); len(list.Run) != 0 || len(list.Stop) != 1 || list.Stop[0].Repeat != protocol.Rate {
			t.Errorf("%+v", list)
		}
		r.starting(task).send(protocol.Stopped, "", unstarted)
		if list := r.fetch(protocol.ListRequest{}); len(list.Stop) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// TestChangedScheduleOnEnrolledHost changes the script of a schedule: its agent gets another version, whose runs are those of the new
// command, and the earlier ones keep theirs. Reports of the version before no longer count.
func TestChangedScheduleOnEnrolledHost(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		id := r.run(every("rate(5m)"))
		before := r.take(protocol.ListRequest{})
		original := r.describe(id).CommandId
		r.after(5 * time.Minute)
		r.starting(before).send(protocol.Finished, "old\n")
		r.after(5 * time.Minute)
		old := r.starting(before)
		old.send(protocol.Running, "")
		changed := r.must(&assist.ModifyInvocationAttributeRequest{
			RegionId: "cn-hangzhou", InvokeId: id, CommandContent: "echo new",
		}).(*assist.ModifyInvocationAttributeResponse)
		next := r.take(protocol.ListRequest{})
		if next.Version != before.Version+1 || string(next.Content) != "echo new" {
			t.Errorf("%+v", next)
		}
		old.send(protocol.Finished, "replaced\n")
		r.want(id, "Scheduled Running Scheduled 1")
		r.after(5 * time.Minute)
		r.starting(next).send(protocol.Finished, "new\n")
		results := r.must(&assist.DescribeInvocationResultsRequest{
			RegionId: "cn-hangzhou", InvokeId: id, IncludeHistory: true, ContentEncoding: assist.PlainText,
		}).(*assist.DescribeInvocationResultsResponse).Invocation.InvocationResults.InvocationResult
		var runs []string
		for _, run := range results {
			runs = append(runs, run.CommandId+" "+run.Output)
		}
		if want := []string{changed.CommandId + " new\n", original + " old\n"}; !slices.Equal(runs, want) {
			t.Errorf("%q, want %q", runs, want)
		}
	})
}

// TestAtOnEnrolledHost has a time that the agent keeps, and one that it misses.
func TestAtOnEnrolledHost(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		at := func(q *assist.RunCommandRequest) {
			q.Frequency = "at(" + time.Now().UTC().Add(10*time.Minute).Format(time.DateTime) + ")"
		}
		kept, missed := r.run(at), r.run(at)
		list := r.fetch(protocol.ListRequest{})
		if len(list.Run) != 2 || list.Run[0].Repeat != protocol.At || time.Until(list.Run[0].At) != 10*time.Minute {
			t.Fatalf("%+v", list)
		}
		r.after(10 * time.Minute)
		r.starting(list.Run[0]).send(protocol.Finished, "")
		r.want(kept, "Success Finished Success 1")
		r.after(2 * reportGrace)
		r.wantResult(missed, "Aborted ClientNotResponse")
	})
}

// TestRebootModesOnEnrolledHost holds commands back until the host was booted.
func TestRebootModesOnEnrolledHost(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		next, each := r.run(repeated(repeatNextReboot)), r.run(repeated(repeatEveryReboot))
		for _, q := range []protocol.ListRequest{{}, {Startup: true}} {
			if list := r.fetch(q); len(list.Run) != 0 {
				t.Errorf("%+v", list)
			}
		}
		cold := protocol.ListRequest{Startup: true, ColdStart: true}
		list := r.fetch(cold)
		if len(list.Run) != 2 || list.Run[0].Repeat != protocol.Once {
			t.Fatalf("%+v", list)
		}
		for _, task := range list.Run {
			r.starting(task).send(protocol.Finished, "")
		}
		r.want(next, "Success Finished Success 1")
		r.want(each, "Scheduled Running Scheduled 1")
		if list := r.fetch(protocol.ListRequest{Startup: true}); len(list.Run) != 0 {
			t.Errorf("%+v", list)
		}
		r.after(time.Hour)
		again := r.take(cold)
		if again.Id != each || again.Version != 2 {
			t.Errorf("%+v", again)
		}
		r.starting(again).send(protocol.Finished, "")
		r.want(each, "Scheduled Running Scheduled 2")
	})
}

// TestEnrolledHostsSurviveCrash kills the lab with tasks in each state.
func TestEnrolledHostsSurviveCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &realHost{id: "mi-1"}
		r.bubble = &bubble{t: t, lab: newLab(t, Options{Data: t.TempDir(), Instances: []Instance{enrolledInstance(r.id, "2.2.3.857")}})}
		r.attach(r.lab)
		handed, running, ended, scheduled := r.run(once), r.run(once), r.run(once), r.run(every("rate(5m)"))
		runs := map[string]reports{}
		for _, task := range r.fetch(protocol.ListRequest{}).Run {
			runs[task.Id] = r.starting(task)
		}
		waiting := r.run(once)
		runs[running].send(protocol.Running, "before\n")
		runs[ended].send(protocol.Finished, "done\n")

		r.attach(newLab(t, Options{Data: crash(t, r.lab)}))
		list := r.fetch(protocol.ListRequest{})
		if len(list.Run) != 2 || list.Run[0].Id != scheduled || list.Run[1].Id != waiting || len(list.Stop) != 0 {
			t.Errorf("%+v", list)
		}
		runs[running].send(protocol.Finished, "after\n")
		r.wantResult(running, "Success before after")
		runs[ended].send(protocol.Finished, "twice\n")
		r.wantResult(ended, "Success done")
		r.after(deliveryPatience + time.Second)
		r.wantResult(handed, "Aborted ClientNotResponse")

		r.attach(newLab(t, Options{Data: crash(t, r.lab)}))
		list = r.fetch(protocol.ListRequest{})
		if len(list.Stop) != 2 { // of those that were handed out and never reported
			t.Errorf("%+v", list)
		}
	})
}

// TestFilesOnEnrolledHost sends files that are written, refused, and never reported.
func TestFilesOnEnrolledHost(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		send := func() string {
			return r.must(fileRequest("text", func(q *assist.SendFileRequest) { q.InstanceId = []string{r.id} })).(*assist.SendFileResponse).InvokeId
		}
		state := func(id string) string {
			files := r.must(&assist.DescribeSendFileResultsRequest{RegionId: "cn-hangzhou", InvokeId: id}).(*assist.DescribeSendFileResultsResponse)
			it := files.Invocations.Invocation[0].InvokeInstances.InvokeInstance[0]
			return strings.TrimSpace(it.InvocationStatus + " " + it.ErrorCode)
		}
		written, refused, failed, silent := send(), send(), send(), send()
		list := r.fetch(protocol.ListRequest{})
		if len(list.Files) != 4 || len(r.fetch(protocol.ListRequest{Startup: true}).Files) != 0 {
			t.Errorf("%+v", list)
		}
		r.report(protocol.Report{Kind: protocol.FileEnded, TaskId: written, File: true, FileWritten: true})
		r.report(protocol.Report{Kind: protocol.FileEnded, TaskId: written, File: true, FileError: 1})
		r.report(protocol.Report{Kind: protocol.Invalid, TaskId: refused, File: true, Param: "FileExist"})
		r.report(protocol.Report{Kind: protocol.FileEnded, TaskId: failed, File: true, FileError: 1})
		r.after(10 * time.Minute)
		for id, want := range map[string]string{
			written: "Success", refused: "Invalid FileAlreadyExists", failed: "Failed FileCreateFail", silent: "Aborted ClientNotResponse",
		} {
			if got := state(id); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	})
}

// TestResetOfHosts resets a lab whose host has tasks and a schedule: its agent is told to stop them, and runs what follows.
func TestResetOfHosts(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		handed, scheduled := r.run(once), r.run(every("rate(5m)"))
		r.fetch(protocol.ListRequest{})
		waiting := r.run(once)
		r.must(&ResetRequest{})
		list := r.fetch(protocol.ListRequest{})
		if len(list.Run) != 0 || len(list.Stop) != 2 || list.Stop[0].Id != handed || list.Stop[1].Id != scheduled {
			t.Errorf("%+v, waiting %s", list, waiting)
		}
		r.report(protocol.Report{Kind: protocol.Stopped, TaskId: handed, Version: 1})
		id := r.run(once)
		list = r.fetch(protocol.ListRequest{})
		if len(list.Run) != 1 || list.Run[0].Id != id || len(list.Stop) != 1 {
			t.Fatalf("%+v", list)
		}
		r.starting(list.Run[0]).send(protocol.Finished, "")
		r.wantResult(id, "Success")
	})
}

// TestDeregisteredByClient deregisters a host by the API: its agent is told to give up its registration, and may still do so.
func TestDeregisteredByClient(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		id := r.run(once)
		r.starting(r.take(protocol.ListRequest{})).send(protocol.Running, "begun\n")
		told := r.notified.Load()
		r.must(&assist.DeregisterManagedInstanceRequest{RegionId: "cn-hangzhou", InstanceId: r.id})
		r.wantResult(id, "Error InstanceReleased begun")
		hosts := enrolledHosts{r.lab}
		if _, known := hosts.Identity(r.id); !known || r.notified.Load() == told {
			t.Errorf("known %t, told %d times", known, r.notified.Load()-told)
		}
		for n := range int64(2) { // it may have been away
			list := r.fetch(protocol.ListRequest{Startup: true})
			if len(list.Run) != 0 || len(list.Stop) != 1 || list.Stop[0].Id != id || r.deregistrations.Load() != n+1 {
				t.Errorf("%+v, told %d times", list, r.deregistrations.Load())
			}
		}
		if err := hosts.Deregister(t.Context(), r.id); err != nil {
			t.Error(err)
		}
		if _, known := hosts.Identity(r.id); known {
			t.Error("it is still known")
		}
	})
}

// TestTasksWaitForPlaces sends more commands than an agent runs at once. The others wait, longer than a delivery may take.
func TestTasksWaitForPlaces(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		var ids []string
		for range maxRunning + 1 {
			ids = append(ids, r.run(func(q *assist.RunCommandRequest) { q.Timeout = 600 }))
		}
		list := r.fetch(protocol.ListRequest{})
		if len(list.Run) != maxRunning {
			t.Fatalf("%d tasks", len(list.Run))
		}
		var runs []reports
		for _, task := range list.Run {
			runs = append(runs, r.starting(task))
			runs[len(runs)-1].send(protocol.Running, "")
		}
		r.after(5 * deliveryPatience)
		r.wantResult(ids[maxRunning], "Pending")
		runs[0].send(protocol.Finished, "")
		r.starting(r.take(protocol.ListRequest{})).send(protocol.Finished, "")
		r.wantResult(ids[maxRunning], "Success")
	})
}

// TestOfflineByFault keeps an agent offline although it is connected.
func TestOfflineByFault(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		id := r.run(once)
		if err := r.lab.SetInstance(r.id, func(it *Instance) { it.Online = false }); err != nil {
			t.Fatal(err)
		}
		if list := r.fetch(protocol.ListRequest{}); len(list.Run) != 0 {
			t.Errorf("%+v", list)
		}
		r.after(deliveryPatience + time.Second)
		r.wantResult(id, "Aborted DeliveryTimeout")
		told := r.notified.Load()
		if err := r.lab.SetInstance(r.id, func(it *Instance) { it.Online = true }); err != nil {
			t.Fatal(err)
		}
		if r.notified.Load() == told {
			t.Error("the agent was not notified")
		}
	})
}
