//go:build unix

package lab

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// dump returns the dump of a lab.
func dump(t testing.TB, l *Lab) *DumpResponse {
	t.Helper()
	response, err := dumpLab(call{Lab: l, site: l.own, reply: new(reply)}, new(DumpRequest))
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// openDump returns a lab that was started with a dump.
func openDump(t testing.TB, d *FleetDump, inJSON bool) *Lab {
	t.Helper()
	text, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if inJSON {
		b, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	file, err := ReadFleet(strings.NewReader(text), "dump.yaml", "")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	l, err := New(Options{Region: file.Region, Regions: file.Regions, Instances: file.Instances, Faults: file.Faults, Preset: file.Preset})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return l
}

// lists returns everything that the lists of a lab show, without what is random or counted from its start.
func lists(t testing.TB, l *Lab) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, s := range l.served {
		all[s.region] = listsOf(t, call{Lab: l, site: s, reply: new(reply)})
	}
	return all
}

func listsOf(t testing.TB, c call) map[string]any {
	t.Helper()
	page := assist.Page{MaxResults: 50}
	all := map[string]any{}
	for _, h := range c.inventory.all() {
		it := *h.get()
		it.CreationTime, it.StartTime = "", ""
		if it.Managed != nil {
			it.Managed = &Managed{}
		} else {
			it.VpcAttributes.PrivateIpAddress.IpAddress, it.NetworkInterfaces.NetworkInterface, it.SerialNumber = nil, nil, ""
			it.InnerIpAddress.IpAddress = nil
		}
		all[it.InstanceId] = it
	}
	commands, err := describeCommands(c, &assist.DescribeCommandsRequest{RegionId: c.region, Page: page})
	if err != nil {
		t.Fatal(err)
	}
	all["commands"] = commands.Commands.Command
	invocations, err := describeInvocations(c, &assist.DescribeInvocationsRequest{RegionId: c.region, Page: page})
	if err != nil {
		t.Fatal(err)
	}
	all["invocations"] = invocations.Invocations.Invocation
	results, err := describeInvocationResults(c, &assist.DescribeInvocationResultsRequest{RegionId: c.region, Page: page})
	if err != nil {
		t.Fatal(err)
	}
	all["results"] = results.Invocation.InvocationResults.InvocationResult
	return all
}

// TestDumpRepeats checks that a lab that was started with the dump of another shows the same lists, and has the same dump.
func TestDumpRepeats(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		file := drawGroups(rt)
		l, err := New(Options{Regions: file.Regions, Instances: file.Instances, Faults: drawFaults(rt)})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		for _, s := range l.served {
			drawRecords(rt, s)
		}
		first := dump(t, l)
		if len(first.Notes) > 0 {
			rt.Fatalf("the dump has notes: %q", first.Notes)
		}
		again := openDump(t, first.Fleet, rapid.Bool().Draw(rt, "JSON"))
		defer func() { _ = again.Close() }()
		if d := cmp.Diff(lists(t, l), lists(t, again)); d != "" {
			rt.Errorf("other lists:\n%s", d)
		}
		if d := cmp.Diff(first.Fleet, dump(t, again).Fleet); d != "" {
			rt.Errorf("another dump:\n%s", d)
		}
	})
}

func drawGroups(t *rapid.T) *FleetFile {
	kinds := rapid.SampledFrom([]string{
		"", "agent: 2.2.3.282", "agent: none", "os: windows", "online: false", "latency: 1500us", "type: ecs.g7.large", "network: classic",
		"status: Stopped", "home: false", "shell: dash", "zone: b", "managed: true", "tags: {a: b, '1': 'true'}", "tags: {z: 'null', a: ''}",
		"simulate: {duration: {median: 1s, p99: 3s}, exit: {7: 97.5%, 0: 2.5%}, output: 1KB, text: \"x\\n\"}", "simulate: {duration: 5s, seed: 3}", "id: i-g%d-099", "id: mi-g%d-9, managed: true",
	})
	text, region := "groups:\n", ""
	for i := range rapid.IntRange(1, 5).Draw(t, "groups") {
		text += fmt.Sprintf("- {name: g%d, count: %d", i, rapid.IntRange(1, 4).Draw(t, "count"))
		if rapid.IntRange(0, 4).Draw(t, "another region") == 0 { // from here on: a dump has the regions one after the other
			region = ", region: cn-beijing"
		}
		text += region
		if kind := kinds.Draw(t, "kind"); kind != "" {
			text += ", " + strings.ReplaceAll(kind, "%d", strconv.Itoa(i))
		}
		text += "}\n"
	}
	file, err := readFleetText(text)
	if err != nil {
		t.Fatal(err)
	}
	for i := range file.Instances {
		it := &file.Instances[i]
		switch rapid.IntRange(0, 5).Draw(t, "change") {
		case 0:
			it.InstanceName = rapid.SampledFrom([]string{"web-001", "web-002", "数据库", "i-lab00001", "a b", "g0"}).Draw(t, "name")
		case 1:
			it.Online = !it.Online
		case 2:
			it.InstanceId += "x"
		}
	}
	return file
}

func drawFaults(t *rapid.T) []Fault {
	all := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		"RunCommand=Throttling*3", "DescribeInvocations=stale:2s", "task=hang@20%", "task=DeliveryTimeout*2", "instance=offline:3*1", "instance=InvalidInstance.NotFound@30%",
	}), 0, 3, rapid.ID[string]).Draw(t, "faults")
	var faults []Fault
	for _, text := range all {
		f, err := ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, f)
	}
	return faults
}

// drawRecords adds commands and invocations, whose tasks have ended in the ways that tasks end.
func drawRecords(t *rapid.T, s site) {
	now := time.Now()
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", "a\n", "\n", " x\n y\n\n", "- a: b\n\t\n", "x \ny", "'\"", "\r\n", "true", "\x1b[1m", "#\n#", "｡\u3000\n", "a\n\n\n", "a\n  b\n c", "...\n---\n",
	}))
	output := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 20), rapid.Map(text, func(s string) []byte { return []byte(s) }))
	name := rapid.StringMatching(`[A-Za-z0-9 :#-]{1,20}`)
	var saved []*command
	for i := range rapid.IntRange(0, 3).Draw(t, "commands") {
		c := &command{
			CommandId: fmt.Sprintf("c-%s-%d", s.region, i), Name: name.Draw(t, "name"), Type: rapid.SampledFrom(commandTypes()).Draw(t, "type"), Description: name.Draw(t, "description"),
			Content: append([]byte("x"), output.Draw(t, "content")...), WorkingDir: rapid.SampledFrom([]string{"", "/srv"}).Draw(t, "dir"), Timeout: 60,
			Created: now.Add(-time.Duration(100-i) * 24 * time.Hour), ResourceGroupId: rapid.SampledFrom([]string{"", "rg-2"}).Draw(t, "group"),
			Launcher: rapid.SampledFrom([]string{"", "sh -x {{ACS::ScriptFileName}}"}).Draw(t, "launcher"),
		}
		saved = append(saved, c)
		if err := s.store.saveCommand(c); err != nil {
			t.Fatal(err)
		}
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "invocations") {
		c := &command{CommandId: fmt.Sprintf("c-%s-own%d", s.region, i), Type: "RunShellScript", Content: append([]byte("y"), output.Draw(t, "content")...), Timeout: 77}
		isSaved := len(saved) > 0 && rapid.Bool().Draw(t, "saved")
		if isSaved {
			c = rapid.SampledFrom(saved).Draw(t, "command")
		}
		inv := &invocation{
			InvokeId: fmt.Sprintf("t-%s-%d", s.region, i), Command: c, RepeatMode: repeatOnce, Zone: time.Local, Timeout: 77, WorkingDir: c.WorkingDir,
			Created: now.Add(-time.Duration(10-i) * time.Hour), Launcher: c.Launcher, ResourceGroupId: rapid.SampledFrom([]string{"", "rg-1"}).Draw(t, "group"),
			TerminationMode: rapid.SampledFrom([]string{"", "ProcessTree"}).Draw(t, "mode"),
		}
		if c.Type == "RunShellScript" {
			if inv.Launcher == "" {
				inv.Launcher = rapid.SampledFrom([]string{"", "python3 -u {{ACS::ScriptFileName}}"}).Draw(t, "launcher")
			}
			inv.Username = rapid.SampledFrom([]string{"", "nobody"}).Draw(t, "user")
		}
		if rapid.Bool().Draw(t, "periodic") {
			inv.FrequencyText = rapid.SampledFrom([]string{"rate(7d)", "0 0 12 * * ?", "at(2020-01-01 00:00:00 Asia/Shanghai)"}).Draw(t, "frequency")
			inv.RepeatMode = repeatPeriod
			if err := inv.readFrequency(); err != nil {
				t.Fatal(err)
			}
		}
		drawTasks(t, s, inv, isSaved, output)
	}
}

// drawTasks adds an invocation on all instances that can have it.
func drawTasks(t *rapid.T, s site, inv *invocation, saved bool, output *rapid.Generator[[]byte]) {
	var ids []string
	for _, h := range s.inventory.all() {
		it := h.get()
		if it.windows() == (inv.Command.Type != "RunShellScript") && (!inv.repeats() || checkAgentVersion(inv, it) == nil) {
			ids = append(ids, it.InstanceId)
		}
	}
	if len(ids) == 0 {
		return
	}
	inv.Instances = len(ids)
	if err := s.store.addInvocation(inv, ids, saved); err != nil {
		t.Fatal(err)
	}
	for n := range ids {
		s.store.replace(taskRef{inv.InvokeId, n}, func(task *task) bool {
			endTask(t, s.store, inv, task, output.Draw(t, "output"))
			task.Updated = inv.Created.Add(time.Duration(rapid.IntRange(0, 5*3600).Draw(t, "updated")) * time.Second)
			return true
		})
	}
}

// endTask ends a task, or the latest run of one that repeats, as a lab does.
func endTask(t *rapid.T, s *store, inv *invocation, task *task, output []byte) {
	over := strings.HasPrefix(inv.FrequencyText, "at(")
	end := rapid.SampledFrom([]string{"exit", "timeout", "error", "stopped", "cancelled", "aborted"}).Draw(t, "end")
	started := inv.Created.Add(time.Duration(rapid.IntRange(0, math.MaxInt32).Draw(t, "started")))
	stop := started.Add(time.Duration(rapid.IntRange(1, 1e9).Draw(t, "stop")))
	switch {
	case inv.repeats() && !over && end == "aborted": // it has not run yet
		return
	case end == "aborted":
		notRunning().put(task)
		return
	case end == "cancelled" && !inv.repeats():
		task.Status, task.Stopped = assist.StatusCancelled, stop
		return
	}
	task.startRun(s.nextRun())
	task.Started, task.Finished = started, started.Add(time.Second)
	if inv.repeats() {
		task.CommandId = inv.Command.CommandId
	}
	switch end {
	case "timeout":
		task.Status, task.ErrorCode, task.ErrorInfo = assist.StatusTimeout, "ExecutionTimeout", "The command execution has been timeout."
		task.ExitCode, task.Finished = 1, started.Add(seconds(inv.Timeout))
	case "error":
		interrupted().put(task)
	case "stopped":
		task.Status, task.Stopped = assist.StatusTerminated, stop
	default:
		task.Output, task.Dropped, task.Status = output, int64(rapid.IntRange(0, 3).Draw(t, "dropped")), assist.StatusSuccess
		if task.ExitCode = int64(rapid.IntRange(0, 2).Draw(t, "exit")); task.ExitCode != 0 {
			task.Status, task.ErrorCode, task.ErrorInfo = assist.StatusFailed, "ExitCodeNonzero", "The command execution exit code is not zero."
		}
	}
	if !inv.repeats() {
		return
	}
	switch task.Outcome = task.Status; {
	case end == "stopped":
	case end == "cancelled":
		task.Status, task.Stopped = assist.StatusCancelled, stop
	case !over:
		task.Status = assist.StatusScheduled
	}
}

// TestDumpNotes dumps what a fleet file cannot say.
func TestDumpNotes(t *testing.T) {
	instances := NumberedInstances(3)
	Simulate(instances[:2], &Simulation{Duration: Distribution{Least: time.Hour, Most: time.Hour}})
	instances[2].Online = false
	b := open(t, newLab(t, Options{Instances: append(instances, enrolledInstance("mi-real", agentVersion))}))
	running := shell("sleep 100")
	running.InstanceId = []string{nth(1), nth(2), nth(3)}
	id := b.submit(running)
	eventually(t, "two tasks run", func() bool {
		r, _ := b.lab.own.store.invocation(id)
		return r.Tasks[0].Status == assist.StatusRunning && r.Tasks[1].Status == assist.StatusRunning
	})
	reboot := shell("true")
	reboot.RepeatMode = repeatNextReboot
	rebootID := b.submit(reboot)
	later := shell("true")
	later.Frequency = "at(" + time.Now().AddDate(0, 0, 2).Format("2006-01-02 15:04:05") + " Asia/Shanghai)"
	laterID := b.submit(later)

	got := dump(t, b.lab)
	wantNotes := []string{
		"left out: hosts with an agent of their own: 1",
		"left out: " + rebootID + ", whose RepeatMode is NextRebootOnly",
		laterID + " fires for the last time at ",
		"changed: running tasks have ended with ExecutionInterrupted: 2",
		"changed: pending tasks are Cancelled: 1",
	}
	for i, note := range got.Notes {
		if i >= len(wantNotes) || !strings.HasPrefix(note, wantNotes[i]) {
			t.Errorf("notes: %q, want %q", got.Notes, wantNotes)
			break
		}
	}
	again := openDump(t, got.Fleet, false)
	defer func() { _ = again.Close() }()
	want := []string{laterID + " lab-001 Scheduled 0 0  "}
	for n, status := range []string{"Error 0 1 ExecutionInterrupted", "Error 0 1 ExecutionInterrupted", "Cancelled 0 0 "} {
		want = append(want, fmt.Sprintf("%s lab-%03d %s ", id, n+1, status))
	}
	if rows := presetRows(again); !cmp.Equal(rows, want) {
		t.Error(cmp.Diff(want, rows))
	}
	if list := b.lab.own.store.task(taskRef{id, 0}); list.Status != assist.StatusRunning {
		t.Errorf("the dump has changed the lab: %s", list.Status)
	}
}

func TestDumpOfNothing(t *testing.T) {
	_, err := dumpLab(call{Lab: newLab(t, Options{}), reply: new(reply)}, new(DumpRequest))
	wantRefused(t, err, "409 NoInstances")
}

// TestDumpRelative checks that relative times become older with the file.
func TestDumpRelative(t *testing.T) {
	file, err := readFleetText(presetFile)
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t, Options{Instances: file.Instances, Preset: file.Preset})
	response, err := dumpLab(call{Lab: l, site: l.own, reply: new(reply)}, &DumpRequest{Relative: true})
	if err != nil {
		t.Fatal(err)
	}
	again := openDump(t, response.Fleet, false)
	defer func() { _ = again.Close() }()
	if got, want := presetRows(again), presetRows(l); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	for _, v := range response.Fleet.Invocations {
		if !strings.HasSuffix(v.Created, " ago") {
			t.Errorf("%s was created %s", v.Id, v.Created)
		}
	}
}
