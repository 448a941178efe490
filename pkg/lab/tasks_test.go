//go:build unix

package lab

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
)

func TestExitCodes(t *testing.T) {
	b := openFleet(t, 1)
	for script, want := range map[string]assist.InvokeInstance{
		"echo out; echo err >&2": {InvocationStatus: "Success", InstanceInvokeStatus: "Finished", Output: "out\nerr\n"},
		"exit 3":                 {InvocationStatus: "Failed", InstanceInvokeStatus: "Finished", ExitCode: 3, ErrorCode: "ExitCodeNonzero", ErrorInfo: "The command execution exit code is not zero."},
		"kill -TERM $$":          {InvocationStatus: "Failed", InstanceInvokeStatus: "Finished", ExitCode: -1, ErrorCode: "ExitCodeNonzero", ErrorInfo: "The command execution exit code is not zero."},
		"no-such-command 2>&-":   {InvocationStatus: "Failed", InstanceInvokeStatus: "Finished", ExitCode: 127, ErrorCode: "ExitCodeNonzero", ErrorInfo: "The command execution exit code is not zero."},
	} {
		got := b.run(shell(script))
		for _, at := range []string{got.CreationTime, got.StartTime, got.FinishTime, got.UpdateTime} {
			if assist.ParseTime(at).IsZero() {
				t.Errorf("%s: a time is missing: %+v", script, got)
			}
		}
		got.CreationTime, got.StartTime, got.FinishTime, got.UpdateTime = "", "", "", ""
		want.InstanceId, want.Repeats = nth(1), 1
		if got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", script, got, want)
		}
	}
}

func TestTaskTimeout(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("echo begun; exec sleep 600")
	r.Timeout = 1
	got := b.run(r)
	if got.Status() != assist.StatusTimeout || got.ErrorCode != "ExecutionTimeout" || got.ExitCode != 1 || got.Output != "begun\n" ||
		got.ErrorInfo != "The command execution has been timeout." || got.InstanceInvokeStatus != "Failed" {
		t.Errorf("%+v", got)
	}
	if lasted := assist.ParseTime(got.FinishTime).Sub(assist.ParseTime(got.StartTime)); lasted != time.Second {
		t.Errorf("it lasted for %v, want the time-out", lasted)
	}
}

func TestTaskOutput(t *testing.T) {
	b := openFleet(t, 1)
	id := b.submit(shell("i=0; while [ $i -lt 40 ]; do printf '%01023d\\n' $i; i=$((i+1)); done; printf 'the end'"))
	inv := b.settle(id)
	got := inv.InvokeInstances.InvokeInstance[0]
	if len(got.Output) != assist.MaxOutput || got.Dropped != 16*1024+7 || !strings.HasSuffix(got.Output, "39\nthe end") {
		t.Errorf("%d bytes, %d dropped: …%s", len(got.Output), got.Dropped, got.Output[max(0, len(got.Output)-20):])
	}

	raw := b.submit(shell(`printf '\377\000x'`))
	b.settle(raw)
	results, err := b.DescribeInvocationResults(t.Context(), &assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: raw})
	if err != nil {
		t.Fatal(err)
	}
	if got := results.Invocation.InvocationResults.InvocationResult[0].Output; got != "/wB4" {
		t.Errorf("%q", got)
	}
}

func TestOutputWhileRunning(t *testing.T) {
	b := openFleet(t, 1)
	id := b.submit(shell("mkfifo gate; echo so far; read line < gate; echo $line"))
	b.running(id)
	got := b.describe(id)
	if it := got.InvokeInstances.InvokeInstance[0]; it.Output != "so far\n" || it.Status() != assist.StatusRunning ||
		it.FinishTime != "" || got.InvokeStatus != "Running" || it.InstanceInvokeStatus != "Running" {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(filepath.Join(b.lab.agents.dirs.home(nth(1)), "gate"), []byte("open\n"), 0); err != nil {
		t.Fatal(err)
	}
	if got := b.settle(id).InvokeInstances.InvokeInstance[0]; got.Output != "so far\nopen\n" {
		t.Errorf("%+v", got)
	}
}

// stop stops an invocation, on some instances or on all.
func (b *client) stop(invokeID string, instances ...string) {
	b.t.Helper()
	_, err := b.StopInvocation(b.t.Context(), &assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: invokeID, InstanceId: instances})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestStopRunning(t *testing.T) {
	b := openFleet(t, 2)
	r := shell("echo begun; exec sleep 600")
	r.InstanceId = []string{nth(1), nth(2)}
	id := b.submit(r)
	b.running(id)
	b.stop(id, nth(1))
	var first, second assist.InvokeInstance
	eventually(t, "the first is stopped", func() bool {
		it := b.describe(id).InvokeInstances.InvokeInstance
		first, second = it[0], it[1]
		return first.Status().Terminal()
	})
	if first.Status() != assist.StatusTerminated || first.ErrorCode != "" || first.StopTime == "" || first.InstanceInvokeStatus != "Stopped" {
		t.Errorf("%+v", first)
	}
	if second.Status().Terminal() || second.StopTime != "" {
		t.Errorf("%+v", second)
	}
	b.stop(id)
	inv := b.settle(id)
	if inv.InvocationStatus != "Stopped" || inv.InvokeStatus != "Stopped" {
		t.Errorf("%+v", inv)
	}
	b.stop(id) // terminal states are sticky
	if again := b.describe(id); again.InvokeInstances.InvokeInstance[0] != inv.InvokeInstances.InvokeInstance[0] {
		t.Errorf("%+v is now %+v", inv, again)
	}
}

func TestStopWaiting(t *testing.T) {
	b := openFleet(t, 1)
	offline(t, b.lab, 1)
	id := b.submit(shell("true"))
	if it := b.describe(id); it.InvocationStatus != "Pending" || it.InvokeStatus != "Running" {
		t.Errorf("%+v", it)
	}
	b.stop(id)
	if it := b.settle(id).InvokeInstances.InvokeInstance[0]; it.Status() != assist.StatusCancelled || it.StopTime == "" || it.StartTime != "" {
		t.Errorf("%+v", it)
	}
	if n := len(b.lab.Executions()); n != 0 {
		t.Errorf("%d executions", n)
	}
}

func TestStopRefusals(t *testing.T) {
	b := openFleet(t, 2)
	id := b.submit(shell("true"))
	many := make([]string, assist.MaxStopped+1)
	for r, want := range map[*assist.StopInvocationRequest]string{
		{}:                               "400 MissingParameter.InvokeId",
		{InvokeId: "t-none"}:             "404 InvalidInvokeId.NotFound",
		{InvokeId: id, InstanceId: many}: "403 InstanceIds.ExceedLimit",
		{InvokeId: id, InstanceId: []string{nth(2)}}: "404 InvalidInstance.NotFound",
	} {
		r.RegionId = "cn-hangzhou"
		_, err := b.StopInvocation(t.Context(), r)
		wantRefused(t, err, want)
	}
}

// offline takes an instance's agent from the net.
func offline(t *testing.T, l *Lab, n int) {
	t.Helper()
	if err := l.SetInstance(nth(n), func(it *Instance) { it.Online = false }); err != nil {
		t.Fatal(err)
	}
}

func TestOfflineComesBack(t *testing.T) {
	b := openFleet(t, 1)
	offline(t, b.lab, 1)
	id := b.submit(shell("echo late"))
	if it := b.describe(id); it.Status() != assist.StatusPending {
		t.Errorf("%+v", it)
	}
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.Online = true }); err != nil {
		t.Fatal(err)
	}
	if it := b.settle(id).InvokeInstances.InvokeInstance[0]; it.Output != "late\n" {
		t.Errorf("%+v", it)
	}
}

func TestOfflineForTooLong(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(2)})
	l.agents.patience = time.Millisecond
	b := open(t, l)
	offline(t, l, 1)
	r := shell("true")
	r.InstanceId = []string{nth(1), nth(2)}
	inv := b.settle(b.submit(r))
	if inv.InvocationStatus != "PartialFailed" || inv.InvokeStatus != "PartialFailed" {
		t.Errorf("%+v", inv)
	}
	if it := inv.InvokeInstances.InvokeInstance[0]; it.Status() != assist.StatusAborted || it.ErrorCode != "DeliveryTimeout" || it.StartTime != "" || it.FinishTime != "" || it.Repeats != 0 {
		t.Errorf("%+v", it)
	}
}

func TestPowerOff(t *testing.T) {
	b := openFleet(t, 1)
	other := b.submit(shell("echo begun; exec sleep 600"))
	b.running(other)
	if got := b.run(shell("exit 193")); got.Status() != assist.StatusFailed || got.ExitCode != 193 {
		t.Errorf("%+v", got)
	}
	if got := b.lab.own.inventory.hosts[0].get(); got.Status != "Stopped" || got.StoppedMode != "KeepCharging" {
		t.Errorf("%s, %s", got.Status, got.StoppedMode)
	}
	if got := b.settle(other).InvokeInstances.InvokeInstance[0]; got.Status() != assist.StatusError || got.ErrorCode != "ExecutionInterrupted" {
		t.Errorf("%+v", got)
	}
	_, err := b.RunCommand(t.Context(), shell("true"))
	wantRefused(t, err, "400 InvalidInstanceStatus")
}

func TestReboot(t *testing.T) {
	b := openFleet(t, 1)
	other := b.submit(shell("echo begun; exec sleep 600"))
	b.running(other)
	b.run(shell("exit 194"))
	if got := b.settle(other).InvokeInstances.InvokeInstance[0]; got.ErrorCode != "ExecutionInterrupted" {
		t.Errorf("%+v", got)
	}
	if got := b.run(shell("echo up")); got.Output != "up\n" {
		t.Errorf("%+v", got)
	}
}

func TestStoppedBeforeDelivery(t *testing.T) {
	b := openFleet(t, 1)
	offline(t, b.lab, 1)
	id := b.submit(shell("true"))
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.Status = "Stopped" }); err != nil {
		t.Fatal(err)
	}
	if got := b.settle(id).InvokeInstances.InvokeInstance[0]; got.Status() != assist.StatusAborted || got.ErrorCode != "InstanceNotRunning" {
		t.Errorf("%+v", got)
	}
}

func TestConcurrencyOnAnInstance(t *testing.T) {
	b := openFleet(t, 1)
	const sent = maxRunning + maxWaiting + 3
	var ids []string
	for range sent {
		r := shell("echo begun; exec sleep 600")
		r.Name = "crowd"
		ids = append(ids, b.submit(r))
	}
	count := func() map[string]int {
		counts := map[string]int{}
		for inv, err := range b.AllInvocations(t.Context(), assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", CommandName: "crowd"}) {
			if err != nil {
				t.Fatal(err)
			}
			it := inv.InvokeInstances.InvokeInstance[0]
			counts[it.InvocationStatus+it.ErrorCode]++
		}
		return counts
	}
	eventually(t, "ten run and three are turned away", func() bool {
		c := count()
		return c["Running"] == maxRunning && c["Pending"] == maxWaiting && c["AbortedTaskConcurrencyLimit"] == 3
	})
	for _, id := range ids {
		b.stop(id)
	}
	eventually(t, "all have ended", func() bool { c := count(); return c["Terminated"]+c["Cancelled"] == maxRunning+maxWaiting })
	if got := b.run(shell("echo free")); got.Output != "free\n" {
		t.Errorf("%+v", got)
	}
}

func TestInstancesAreApart(t *testing.T) {
	b := openFleet(t, 2)
	r := shell("hostname; echo $HOME; pwd; touch mine; ls")
	r.InstanceId = []string{nth(1), nth(2)}
	inv := b.settle(b.submit(r))
	for i, it := range inv.InvokeInstances.InvokeInstance {
		home, err := filepath.EvalSymlinks(b.lab.agents.dirs.home(nth(i + 1)))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(it.Output, "\n")
		if len(lines) != 5 || lines[0] != b.lab.own.inventory.hosts[i].get().HostName || lines[3] != "mine" {
			t.Errorf("%q", it.Output)
			continue
		}
		for _, line := range lines[1:3] {
			if real, _ := filepath.EvalSymlinks(line); real != home {
				t.Errorf("%s, want %s", line, home)
			}
		}
	}
}

func TestWorkingDir(t *testing.T) {
	b := openFleet(t, 1)
	b.run(shell("mkdir below; touch file"))
	dir := t.TempDir()
	for wanted, want := range map[string]string{dir: dir, "below": "/root/below", "": "/root"} {
		r := shell("pwd -P")
		r.WorkingDir = wanted
		if got := b.run(r); !strings.HasSuffix(got.Output, want+"\n") {
			t.Errorf("%q: %+v", wanted, got)
		}
	}
	for _, wanted := range []string{"/no/such/directory", "file", "nothing"} {
		r := shell("pwd")
		r.WorkingDir = wanted
		if got := b.run(r); got.Status() != assist.StatusInvalid || got.ErrorCode != "DirectoryNotExists" {
			t.Errorf("%q: %+v", wanted, got)
		}
	}
}

// TestNoHome has an instance without /root, where scripts run in the agent's own directory, unless a user is named.
func TestNoHome(t *testing.T) {
	b := openFleet(t, 1)
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.NoHome = true }); err != nil {
		t.Fatal(err)
	}
	in := func(dir, username, script string) assist.InvokeInstance {
		r := shell(script)
		r.WorkingDir, r.Username = dir, username
		return b.run(r)
	}
	own, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if got := in("", "", `mkdir below; pwd -P; [ -d "$HOME" ] || echo "no $(basename $HOME)"`); !strings.HasSuffix(got.Output, "/"+nth(1)+"/agent\nno root\n") {
		t.Errorf("%+v", got)
	}
	if got := in("below", "", "pwd -P"); !strings.HasSuffix(got.Output, "/agent/below\n") {
		t.Errorf("%+v", got)
	}
	if got := in("", own.Username, "pwd"); got.Status() != assist.StatusInvalid || got.ErrorCode != "DirectoryNotExists" {
		t.Errorf("%+v", got)
	}
	dir := t.TempDir()
	if got := in(dir, own.Username, "pwd"); got.Output != dir+"\n" {
		t.Errorf("%+v", got)
	}
	b.sendFile(fileRequest("text", func(r *assist.SendFileRequest) { r.TargetDir = "/root" }))
	if got := in("", "", "pwd -P; cat app.conf"); !strings.HasSuffix(got.Output, "/root\ntext") {
		t.Errorf("with a home: %+v", got)
	}
}

func TestUsername(t *testing.T) {
	b := openFleet(t, 1)
	own, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	r := shell("id -u")
	r.Username = own.Username
	if got := b.run(r); got.Output != own.Uid+"\n" {
		t.Errorf("%+v", got)
	}
	others := []string{"no-such-user", "0", "root; id", "daemon"}
	if os.Geteuid() == 0 { // then daemon's scripts are run, see TestOtherUser
		others = others[:3]
	}
	for _, name := range others {
		r := shell("id")
		r.Username = name
		if got := b.run(r); got.Status() != assist.StatusInvalid || got.ErrorCode != "AccountNotExists" || got.ErrorInfo == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestRootByName has what build 578 of the official agent refuses, and later ones do not.
func TestRootByName(t *testing.T) {
	b := openFleet(t, 1)
	root := func() assist.InvokeInstance {
		r := shell("id -u")
		r.Username = "root"
		return b.run(r)
	}
	if got := root(); os.Geteuid() == 0 && got.Output != "0\n" {
		t.Errorf("%+v", got)
	}
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.AgentVersion = "2.2.3.578" }); err != nil {
		t.Fatal(err)
	}
	if got := root(); got.Status() != assist.StatusInvalid || got.ErrorCode != "AccountNotExists" {
		t.Errorf("%+v", got)
	}
	if got := b.run(shell("id -u")); got.Status() != assist.StatusSuccess {
		t.Errorf("without a name: %+v", got)
	}
}

func TestWhatTheLabHasNot(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(2)})
	b := open(t, l)
	if err := l.SetInstance(nth(2), func(it *Instance) { it.OSType = "windows" }); err != nil {
		t.Fatal(err)
	}
	container := shell("true")
	container.ContainerName = "web"
	bat := shell("echo")
	bat.Type, bat.InstanceId = "RunBatScript", []string{nth(2)}
	for _, r := range []*assist.RunCommandRequest{container, bat} {
		if got := b.run(r); got.Status() != assist.StatusInvalid || got.ErrorCode != "CommandNotApplicable" || got.ErrorInfo == "" {
			t.Errorf("%+v", got)
		}
	}
}

func TestTaskParameters(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("echo {{ Name }} {{other}}- {{ACS::InstanceId}} {{ACS::RegionId}} {{ACS::InstanceName}} {{ACS::AccountId}} {{ACS::InvokeId}} {{ACS::CommandId}}")
	r.EnableParameter = true
	r.Parameters = map[string]string{"name": "Jack", "other": `'<&> '`}
	answer, err := b.RunCommand(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	inv := b.settle(answer.InvokeId)
	want := "Jack <&> - " + nth(1) + " cn-hangzhou lab-001 1000000000000001 " + answer.InvokeId + " " + answer.CommandId + "\n"
	if got := inv.InvokeInstances.InvokeInstance[0].Output; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if inv.Parameters != `{"name":"Jack","other":"'<&> '"}` || inv.CommandContent != r.CommandContent {
		t.Errorf("%+v", inv)
	}

	for text, unknown := range map[string]string{
		"echo {{ACS::InstanceID}}":     "ACS::InstanceID",
		"true # {{ACS::Nothing}}":      "ACS::Nothing", // in a comment, too
		"echo {{acs::InstanceId}} {{}": "",             // left as it is
		"echo {{ACS::InstanceName}}":   "ACS::InstanceName",
	} {
		if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.InstanceName = "" }); err != nil {
			t.Fatal(err)
		}
		r = shell(text)
		r.EnableParameter = true
		got := b.run(r)
		if unknown == "" && got.Output != "{{acs::InstanceId}} {{}\n" {
			t.Errorf("%s: %+v", text, got)
		}
		if unknown != "" && (got.Status() != assist.StatusInvalid || got.ErrorCode == "" || !strings.Contains(got.ErrorInfo, unknown)) {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := b.run(shell("echo '{{ACS::InstanceId}}'")); got.Output != "{{ACS::InstanceId}}\n" {
		t.Errorf("%+v", got)
	}
}

func TestTaskLauncher(t *testing.T) {
	b := openFleet(t, 1)
	for launcher, want := range map[string]string{
		`sh -eu`: "hello", `ls {{ACS::ScriptFileName|Ext(".py")}}`: ".py", `env X="a b" sh {{ ACS::ScriptFileName }}`: `"a b"`,
	} {
		r := shell("echo hello ${X-}")
		r.Launcher = launcher
		got := b.run(r)
		if got.ExitCode != 0 || !strings.HasSuffix(strings.TrimSpace(got.Output), want) {
			t.Errorf("%s: %+v", launcher, got)
		}
	}
	named := shell("echo")
	named.Launcher = "basename"
	id := b.submit(named)
	if got := b.settle(id).InvokeInstances.InvokeInstance[0]; got.Output != id+"\n" {
		t.Errorf("the file has an ending: %+v", got)
	}
	r := shell("echo")
	r.Launcher = "no-such-program"
	if got := b.run(r); got.Status() != assist.StatusError || got.ErrorCode != "ExecutionException" {
		t.Errorf("%+v", got)
	}
	for _, launcher := range []string{"sh 'x", "@plugin", "sh {{ACS::InstanceId}}"} {
		r.Launcher = launcher
		if got := b.run(r); got.Status() != assist.StatusInvalid || got.ErrorInfo == "" {
			t.Errorf("%s: %+v", launcher, got)
		}
	}
	r = shell("echo by sh")
	r.Launcher = "no-such-program"
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.AgentVersion = "2.2.3.856" }); err != nil {
		t.Fatal(err)
	}
	if got := b.run(r); got.Output != "by sh\n" {
		t.Errorf("an old agent: %+v", got)
	}
}

func TestNoScriptIsLeft(t *testing.T) {
	b := openFleet(t, 1)
	b.run(shell("true"))
	left, err := os.ReadDir(filepath.Join(b.lab.agents.dirs.path, nth(1)))
	if err != nil || len(left) != 1 || left[0].Name() != "rootfs" {
		t.Errorf("%v, %v", left, err)
	}
}

func TestCloseInterrupts(t *testing.T) {
	l, err := New(Options{Instances: NumberedInstances(2), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, l)
	running := b.submit(shell("echo begun; exec sleep 600"))
	b.running(running)
	offline(t, l, 2)
	r := shell("true")
	r.InstanceId = []string{nth(2)}
	waiting := b.submit(r)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{running, waiting} {
		inv, _ := l.own.store.invocation(id)
		if got := inv.Tasks[0]; got.Status != assist.StatusError || got.ErrorCode != "ExecutionInterrupted" {
			t.Errorf("%+v", got)
		}
	}
}

func TestPanicInATask(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	runner := l.agents.runner
	l.agents.runner = nil
	b := open(t, l)
	got := b.run(shell("true"))
	l.agents.runner = runner
	if got.Status() != assist.StatusError || got.ErrorCode != "ExecutionException" {
		t.Errorf("%+v", got)
	}
	if got := b.run(shell("echo well")); got.Output != "well\n" {
		t.Errorf("%+v", got)
	}
}

func TestBrokenNamesTheReason(t *testing.T) {
	var task task
	broke(errors.New("no space left")).put(&task)
	if !strings.Contains(task.ErrorInfo, "no space left") {
		t.Error(task.ErrorInfo)
	}
}
