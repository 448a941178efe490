//go:build unix

package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"muster/pkg/assist"
)

// fileRequest returns a request to send a file to the first instance.
func fileRequest(content string, change ...func(r *assist.SendFileRequest)) *assist.SendFileRequest {
	r := &assist.SendFileRequest{
		RegionId: "cn-hangzhou", Name: "app.conf", TargetDir: "/etc/app", Content: content, InstanceId: []string{nth(1)},
	}
	for _, f := range change {
		f(r)
	}
	return r
}

func (b *client) submitFile(r *assist.SendFileRequest) (invokeID string) {
	b.t.Helper()
	answer, err := b.SendFile(b.t.Context(), r)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.InvokeId
}

func (b *client) sentFiles(r assist.DescribeSendFileResultsRequest) *assist.DescribeSendFileResultsResponse {
	b.t.Helper()
	r.RegionId = "cn-hangzhou"
	answer, err := b.DescribeSendFileResults(b.t.Context(), &r)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// settleFile waits until a file has been written, or failed to be, on all instances.
func (b *client) settleFile(invokeID string) (sent assist.FileInvocation) {
	b.t.Helper()
	eventually(b.t, "the file has settled", func() bool {
		list := b.sentFiles(assist.DescribeSendFileResultsRequest{InvokeId: invokeID}).Invocations.Invocation
		if len(list) != 1 {
			b.t.Fatalf("%d files, want 1", len(list))
		}
		sent = list[0]
		return assist.ParseStatus(sent.InvocationStatus).Terminal()
	})
	return sent
}

// sendFile sends a file to one instance and waits until it has settled.
func (b *client) sendFile(r *assist.SendFileRequest) assist.FileInstance {
	b.t.Helper()
	return b.settleFile(b.submitFile(r)).InvokeInstances.InvokeInstance[0]
}

func (b *client) wantFile(n int, path, want string) {
	b.t.Helper()
	got, err := b.lab.ReadFile(nth(n), path)
	if err != nil || string(got) != want {
		b.t.Errorf("%s on %s: %q, %v", path, nth(n), got, err)
	}
}

func (b *client) rootfs(n int) string { return b.lab.agents.dirs.rootfs(nth(n)) }

func TestSendFile(t *testing.T) {
	b := openFleet(t, 3)
	id := b.submitFile(fileRequest("aGVsbG8K", func(r *assist.SendFileRequest) {
		r.InstanceId, r.ContentType, r.FileMode, r.Description = []string{nth(2), nth(1), nth(2)}, "base64", "0750", "a greeting"
		r.Tag = []assist.Tag{{Key: "team", Value: "a"}}
	}))
	if !strings.HasPrefix(id, "f-") {
		t.Error(id)
	}
	got := b.settleFile(id)
	for _, it := range got.InvokeInstances.InvokeInstance {
		if it.InvocationStatus != "Success" || it.ErrorCode != "" {
			t.Errorf("%+v", it)
		}
		for _, at := range []string{it.CreationTime, it.StartTime, it.FinishTime, it.UpdateTime} {
			if assist.ParseTime(at).IsZero() {
				t.Errorf("a time is missing: %+v", it)
			}
		}
	}
	want := assist.FileInvocation{
		InvokeId: id, Name: "app.conf", TargetDir: "/etc/app", Content: "aGVsbG8K", ContentType: "Base64", FileOwner: "root", FileGroup: "root",
		FileMode: "0750", Overwrite: "false", Description: "a greeting", VmCount: 2, InvocationStatus: "Success",
	}
	want.Tags.Tag = []assist.TagPair{{TagKey: "team", TagValue: "a"}}
	ignored := cmpopts.IgnoreFields(assist.FileInvocation{}, "CreationTime", "InvokeInstances")
	if diff := cmp.Diff(want, got, ignored); diff != "" || len(got.InvokeInstances.InvokeInstance) != 2 {
		t.Errorf("%d instances (-want +got):\n%s", len(got.InvokeInstances.InvokeInstance), diff)
	}
	b.wantFile(1, "/etc/app/app.conf", "hello\n")
	b.wantFile(2, "etc/app/app.conf", "hello\n")
	if _, err := b.lab.ReadFile(nth(3), "/etc/app/app.conf"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(b.rootfs(1), "etc/app/app.conf"))
	if err != nil || info.Mode() != 0o750 {
		t.Error(info.Mode(), err)
	}
	if n := len(b.lab.Executions()); n != 0 {
		t.Errorf("%d executions", n)
	}
}

func TestOverwrite(t *testing.T) {
	b := openFleet(t, 1)
	overwrite := func(r *assist.SendFileRequest) { r.Overwrite = true }
	if got := b.sendFile(fileRequest("one")); got.InvocationStatus != "Success" {
		t.Errorf("%+v", got)
	}
	if got := b.sendFile(fileRequest("two")); got.InvocationStatus != "Invalid" || got.ErrorCode != "FileAlreadyExists" {
		t.Errorf("%+v", got)
	}
	b.wantFile(1, "/etc/app/app.conf", "one")
	if got := b.sendFile(fileRequest("three", overwrite)); got.InvocationStatus != "Success" {
		t.Errorf("%+v", got)
	}
	b.wantFile(1, "/etc/app/app.conf", "three")
	// Opening a named pipe without a reader would block.
	pipe := filepath.Join(b.rootfs(1), "etc/app/pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := b.sendFile(fileRequest("four", overwrite, func(r *assist.SendFileRequest) { r.Name = "pipe" })); got.InvocationStatus != "Failed" || got.ErrorCode != "FileCreateFail" {
		t.Errorf("%+v", got)
	}
	left, err := os.ReadDir(filepath.Join(b.rootfs(1), "etc/app"))
	if err != nil || len(left) != 2 {
		t.Error(left, err)
	}
}

// TestOverwriteWritesThrough overwrites a link, a file without permissions, and the program of a running process.
func TestOverwriteWritesThrough(t *testing.T) {
	b := openFleet(t, 1)
	send := func(name, text, mode string) assist.FileInstance {
		return b.sendFile(fileRequest(text, func(r *assist.SendFileRequest) { r.Name, r.FileMode, r.Overwrite = name, mode, true }))
	}
	dir := filepath.Join(b.rootfs(1), "etc/app")
	if got := send("real", "one", "000"); got.InvocationStatus != "Success" {
		t.Errorf("%+v", got)
	}
	const someone = 12345
	if os.Geteuid() == 0 {
		if err := os.Chown(filepath.Join(dir, "real"), someone, someone); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link": "real", "up": "../app/real"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
		if got := send(link, "through "+link, "4711"); got.InvocationStatus != "Success" {
			t.Errorf("%+v", got)
		}
		if info, err := os.Lstat(filepath.Join(dir, link)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("the link is gone: %v, %v", info, err)
		}
		b.wantFile(1, "/etc/app/real", "through "+link)
	}
	if info, err := os.Stat(filepath.Join(dir, "real")); err != nil || info.Mode() != 0o711 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	var owner syscall.Stat_t
	if err := syscall.Stat(filepath.Join(dir, "real"), &owner); err != nil || os.Geteuid() == 0 && owner.Uid != someone {
		t.Errorf("the owner is now %d, %v", owner.Uid, err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip(err)
	}
	program, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sleep"), program, 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	running := exec.Command(filepath.Join(dir, "sleep"), "1000")
	if err := running.Start(); err != nil {
		t.Skip(err) // sleep may be one program of many
	}
	defer func() { _, _ = running.Process.Kill(), running.Wait() }()
	if got := send("sleep", "x", "0755"); got.InvocationStatus != "Failed" || got.ErrorCode != "FileCreateFail" || !strings.Contains(got.ErrorInfo, "busy") {
		t.Errorf("%+v", got)
	}
	b.wantFile(1, "/etc/app/sleep", string(program))
}

func TestFilesStayInRootfs(t *testing.T) {
	b := openFleet(t, 1)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "kept"), []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.sendFile(fileRequest("x"))
	for link, target := range map[string]string{"out": outside, "up": "../../../..", "in": "etc/app", "kept": filepath.Join(outside, "kept")} {
		if err := os.Symlink(target, filepath.Join(b.rootfs(1), link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ dir, name, want string }{
		{"/in", "through-a-link", ""}, {"/", "top", ""}, {"relative", "x", ""}, {outside, "x", ""},
		{"/", "kept", "FileCreateFail"}, // it is a link that leads out
		{"../..", "x", "FilePathInvalid"}, {"/a/../../..", "x", "FilePathInvalid"}, {"/etc/../etc", "x", "FilePathInvalid"},
		{"/out", "x", "FilePathInvalid"}, {"/out/deeper", "x", "FilePathInvalid"}, {"/up", "x", "FilePathInvalid"},
		{"/etc/app/app.conf", "x", "FilePathInvalid"}, {"/a\x00b", "x", "FilePathInvalid"},
		{"/", "..", "FileNameInvalid"}, {"/", ".", "FileNameInvalid"}, {"/", "etc", "FileCreateFail"},
	} {
		got := b.sendFile(fileRequest("x", func(r *assist.SendFileRequest) { r.TargetDir, r.Name, r.Overwrite = c.dir, c.name, true }))
		if got.ErrorCode != c.want || (got.InvocationStatus == "Success") != (c.want == "") || (got.InvocationStatus == "Failed") != (c.want == "FileCreateFail") {
			t.Errorf("%q, %q: %+v", c.dir, c.name, got)
		}
	}
	entries, err := os.ReadDir(outside)
	if err != nil || len(entries) != 1 {
		t.Error(entries, err)
	}
	if text, err := os.ReadFile(filepath.Join(outside, "kept")); err != nil || string(text) != "kept" {
		t.Errorf("%q, %v", text, err)
	}
	b.wantFile(1, "/etc/app/through-a-link", "x")
	b.wantFile(1, outside+"/x", "x")
	for _, path := range []string{"/out/kept", "/up/x", "../../../etc/passwd", "/../x", "/none"} {
		if text, err := b.lab.ReadFile(nth(1), path); err == nil {
			t.Errorf("%s: %q", path, text)
		}
	}
	if _, err := b.lab.ReadFile("i-none", "/x"); err == nil {
		t.Error("ReadFile accepts an unknown instance")
	}
}

func TestFileOwners(t *testing.T) {
	own, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(own.Gid)
	if err != nil {
		t.Skip(err)
	}
	b := openFleet(t, 1)
	for _, c := range []struct{ owner, group, want string }{
		{"", "", ""}, {"root", "root", ""}, {own.Username, group.Name, ""},
		{"no-such-user", "", "AccountNotExists"}, {"", "no-such-group", "UserGroupNotExists"}, {"daemon", "", "AccountNotExists"},
	} {
		got := b.sendFile(fileRequest("x", func(r *assist.SendFileRequest) { r.FileOwner, r.FileGroup, r.Overwrite = c.owner, c.group, true }))
		if got.ErrorCode != c.want || (got.InvocationStatus == "Invalid") != (c.want != "") {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestFileModes(t *testing.T) {
	for text, want := range map[string]fs.FileMode{"0644": 0o644, "000": 0, "4755": 0o755, "3777": 0o777, "755": 0o755} {
		if got, err := (&sentFile{FileMode: text}).mode(); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"0", "44", "00644", "0999", "-644", "rwx"} {
		if got, err := (&sentFile{FileMode: text}).mode(); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestFileOnWindows(t *testing.T) {
	fleet := NumberedInstances(1)
	fleet[0].OSType = "windows"
	b := open(t, newLab(t, Options{Instances: fleet}))
	got := b.sendFile(fileRequest("x", func(r *assist.SendFileRequest) { r.TargetDir, r.FileOwner = `C:\temp\x`, "Administrator" }))
	if got.InvocationStatus != "Success" {
		t.Errorf("%+v", got)
	}
	b.wantFile(1, `C:\temp\x\app.conf`, "x")
}

func TestSendFileRefusals(t *testing.T) {
	b := openFleet(t, 3)
	for n, change := range map[int]func(*Instance){2: func(it *Instance) { it.Status = "Stopped" }, 3: func(it *Instance) { it.AgentVersion = "" }} {
		if err := b.lab.SetInstance(nth(n), change); err != nil {
			t.Fatal(err)
		}
	}
	for want, change := range map[string]func(r *assist.SendFileRequest){
		"404 InvalidInstance.NotFound":     func(r *assist.SendFileRequest) { r.InstanceId = []string{nth(1), "i-none"} },
		"400 InvalidInstanceStatus":        func(r *assist.SendFileRequest) { r.InstanceId = []string{nth(1), nth(2)} },
		"400 InvalidInstance.NoClient":     func(r *assist.SendFileRequest) { r.InstanceId = []string{nth(1), nth(3)} },
		"400 MissingParam.InstanceId":      func(r *assist.SendFileRequest) { r.InstanceId = nil },
		"400 MissingParameter.TargetDir":   func(r *assist.SendFileRequest) { r.TargetDir = "" },
		"400 InvalidParameter.Name":        func(r *assist.SendFileRequest) { r.Name = "a/b" },
		"400 InvalidParameter.Content":     func(r *assist.SendFileRequest) { r.Content = strings.Repeat("x", assist.MaxFileContent) },
		"404 InvalidRegionId.NotFound":     func(r *assist.SendFileRequest) { r.RegionId = "cn-nowhere" },
		"404 InvalidInstance.NotFound ":    func(r *assist.SendFileRequest) { r.RegionId = "cn-beijing" },
		"400 InvalidClientToken.Malformed": func(r *assist.SendFileRequest) { r.ClientToken = strings.Repeat("x", 65) },
	} {
		_, err := b.SendFile(t.Context(), fileRequest("x", change))
		wantRefused(t, err, strings.TrimSpace(want))
	}
	if list := b.sentFiles(assist.DescribeSendFileResultsRequest{}); list.TotalCount != 0 {
		t.Errorf("%+v", list)
	}
	if _, err := os.Stat(b.rootfs(1)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file was written", err)
	}
}

func TestScriptsFindSentFiles(t *testing.T) {
	b := openFleet(t, 2)
	to := func(dir string) {
		t.Helper()
		sent := b.sendFile(fileRequest("echo from $0", func(r *assist.SendFileRequest) {
			r.Name, r.TargetDir, r.FileMode = "hello", dir, "0755"
		}))
		if sent.InvocationStatus != "Success" {
			t.Fatalf("%s: %+v", dir, sent)
		}
	}
	to("/root")
	to("/root/bin")
	to("/opt/app")
	to(os.TempDir())
	for _, in := range []struct{ dir, script, want string }{
		{"", "./hello; bin/hello", "from ./hello\nfrom bin/hello\n"},
		{"", "cd && ./hello", "from ./hello\n"},
		{"/root", "./hello", "from ./hello\n"},
		{"bin", "./hello", "from ./hello\n"},
		{"/root/bin/", "./hello", "from ./hello\n"},
		{"/opt/app", "./hello; touch $(hostname)", "from ./hello\n"},
		{os.TempDir(), "./hello", "from ./hello\n"},
		{"/", "test -e hello || ls -d usr", "usr\n"},
	} {
		r := shell(in.script)
		r.WorkingDir = in.dir
		if got := b.run(r); got.Output != in.want {
			t.Errorf("%q in %q: %+v", in.script, in.dir, got)
		}
	}
	other := shell("pwd")
	other.InstanceId, other.WorkingDir = []string{nth(2)}, "/opt/app"
	if got := b.run(other); got.ErrorCode != "DirectoryNotExists" {
		t.Errorf("on an instance without the file: %+v", got)
	}
}

func TestSendFileClientToken(t *testing.T) {
	b := openFleet(t, 1)
	once := func(r *assist.SendFileRequest) { r.ClientToken = "once" }
	first := b.submitFile(fileRequest("x", once))
	if second := b.submitFile(fileRequest("x", once)); second != first {
		t.Errorf("%s, then %s", first, second)
	}
	_, err := b.SendFile(t.Context(), fileRequest("y", once))
	wantRefused(t, err, "403 IdempotentParameterMismatch")
	b.settleFile(first)
}

func TestFileForOfflineInstance(t *testing.T) {
	b := openFleet(t, 2)
	offline(t, b.lab, 1)
	id := b.submitFile(fileRequest("x", func(r *assist.SendFileRequest) { r.InstanceId = []string{nth(1)} }))
	if got := b.sentFiles(assist.DescribeSendFileResultsRequest{InvokeId: id}).Invocations.Invocation[0]; got.InvocationStatus != "Pending" {
		t.Errorf("%+v", got)
	}
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.Online = true }); err != nil {
		t.Fatal(err)
	}
	if got := b.settleFile(id); got.InvocationStatus != "Success" {
		t.Errorf("%+v", got)
	}
	offline(t, b.lab, 1)
	down := b.submitFile(fileRequest("y"))
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.Status = "Stopped" }); err != nil {
		t.Fatal(err)
	}
	if got := b.settleFile(down).InvokeInstances.InvokeInstance[0]; got.InvocationStatus != "Aborted" || got.ErrorCode != "InstanceNotRunning" || got.StartTime != "" {
		t.Errorf("%+v", got)
	}
}

func TestUndeliveredFile(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(2)})
	l.agents.patience = time.Millisecond
	b := open(t, l)
	offline(t, l, 1)
	got := b.settleFile(b.submitFile(fileRequest("x", func(r *assist.SendFileRequest) { r.InstanceId = []string{nth(1), nth(2)} })))
	first := got.InvokeInstances.InvokeInstance[0]
	want := assist.FileInstance{InstanceId: nth(1), InvocationStatus: "Aborted", ErrorCode: "DeliveryTimeout"}
	ignored := cmpopts.IgnoreFields(assist.FileInstance{}, "ErrorInfo", "CreationTime", "FinishTime", "UpdateTime")
	if diff := cmp.Diff(want, first, ignored); diff != "" || got.InvocationStatus != "PartialFailed" {
		t.Errorf("%s, first instance (-want +got):\n%s", got.InvocationStatus, diff)
	}
}

func TestCloseStopsDeliveries(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	b := open(t, l)
	offline(t, l, 1)
	b.submitFile(fileRequest("x"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for sent := range l.own.files.newest(1 << 60) {
		if sent.Tasks[0].Status != assist.StatusError {
			t.Errorf("%+v", sent.Tasks[0])
		}
	}
}

func TestFileFaults(t *testing.T) {
	b := openFaulty(t, 2, "file=FileCreateFail*1", "SendFile=Throttling*1")
	r := fileRequest("x", func(r *assist.SendFileRequest) { r.InstanceId = []string{nth(1), nth(2)} })
	_, err := b.SendFile(t.Context(), r)
	wantRefused(t, err, "400 Throttling")
	got := b.settleFile(b.submitFile(r))
	var ends []string
	for _, it := range got.InvokeInstances.InvokeInstance {
		ends = append(ends, it.InvocationStatus+" "+it.ErrorCode)
	}
	slices.Sort(ends)
	if text := strings.Join(ends, ", "); text != "Failed FileCreateFail, Success " || got.InvocationStatus != "PartialFailed" {
		t.Error(text, got.InvocationStatus)
	}
	if n := b.lab.FaultCounts()["file=FileCreateFail*1"]; n != 1 {
		t.Errorf("%d times", n)
	}
	b.run(shell("true")) // the fault does not apply to scripts
}

func TestDescribeSendFileResults(t *testing.T) {
	b := openFleet(t, 2)
	var ids []string
	for i := range 12 {
		ids = append([]string{b.submitFile(fileRequest("x", func(r *assist.SendFileRequest) {
			r.Name, r.InstanceId = fmt.Sprintf("file-%d", i), []string{nth(1 + i%2)}
			r.Tag, r.ResourceGroupId = []assist.Tag{{Key: "n", Value: fmt.Sprint(i % 3)}}, fmt.Sprintf("rg-%d", i%4)
		}))}, ids...)
	}
	for _, id := range ids {
		b.settleFile(id)
	}
	failed := b.settleFile(b.submitFile(fileRequest("x", func(r *assist.SendFileRequest) {
		r.Name, r.InstanceId = "file-0", []string{nth(1), nth(2)}
	})))
	all := append([]string{failed.InvokeId}, ids...)
	idsOf := func(answer *assist.DescribeSendFileResultsResponse) []string {
		var got []string
		for _, sent := range answer.Invocations.Invocation {
			got = append(got, sent.InvokeId)
		}
		return got
	}
	for _, c := range []struct {
		filter assist.DescribeSendFileResultsRequest
		want   int64
	}{
		{assist.DescribeSendFileResultsRequest{}, 13},
		{assist.DescribeSendFileResultsRequest{InvokeId: all[3]}, 1}, {assist.DescribeSendFileResultsRequest{InvokeId: "f-none"}, 0},
		{assist.DescribeSendFileResultsRequest{InstanceId: nth(1)}, 7}, {assist.DescribeSendFileResultsRequest{Name: "file-0"}, 2},
		{assist.DescribeSendFileResultsRequest{InvocationStatus: "success"}, 12}, {assist.DescribeSendFileResultsRequest{InvocationStatus: "Pending"}, 0},
		{assist.DescribeSendFileResultsRequest{InvocationStatus: "PartialFailed"}, 1},
		{assist.DescribeSendFileResultsRequest{ResourceGroupId: "rg-1"}, 3},
		{assist.DescribeSendFileResultsRequest{Tag: []assist.Tag{{Key: "n"}}}, 12}, {assist.DescribeSendFileResultsRequest{Tag: []assist.Tag{{Key: "n", Value: "2"}}}, 4},
	} {
		if got := b.sentFiles(c.filter); got.TotalCount != c.want {
			t.Errorf("%+v: %d, want %d", c.filter, got.TotalCount, c.want)
		}
	}
	if got := b.sentFiles(assist.DescribeSendFileResultsRequest{InstanceId: nth(2)}).Invocations.Invocation[0]; len(got.InvokeInstances.InvokeInstance) != 1 || got.VmCount != 2 {
		t.Errorf("%+v", got)
	}

	first := b.sentFiles(assist.DescribeSendFileResultsRequest{Page: assist.Page{MaxResults: 5}})
	b.submitFile(fileRequest("y")) // new items must not change the following pages
	second := b.sentFiles(assist.DescribeSendFileResultsRequest{Page: assist.Page{MaxResults: 5, NextToken: first.NextToken}})
	third := b.sentFiles(assist.DescribeSendFileResultsRequest{Page: assist.Page{MaxResults: 5, NextToken: second.NextToken}})
	if got := slices.Concat(idsOf(first), idsOf(second), idsOf(third)); !slices.Equal(got, all) || third.NextToken != "" {
		t.Errorf("%v, then %q", got, third.NextToken)
	}
	page := b.sentFiles(assist.DescribeSendFileResultsRequest{Page: assist.Page{PageNumber: 3, PageSize: 4}})
	if got := idsOf(page); !slices.Equal(got, all[7:11]) || page.TotalCount != 14 || page.PageNumber != 3 {
		t.Errorf("%v of %v, %+v", got, all, page.Paged)
	}
	for want, r := range map[string]assist.DescribeSendFileResultsRequest{
		"400 InvalidParameter.MaxResults":       {Page: assist.Page{MaxResults: 51}},
		"400 InvalidParameter.NextToken":        {Page: assist.Page{NextToken: token("invocations", position{})}},
		"400 InvalidParameter.InvocationStatus": {InvocationStatus: "Odd"},
	} {
		r.RegionId = "cn-hangzhou"
		_, err := b.DescribeSendFileResults(t.Context(), &r)
		wantRefused(t, err, want)
	}
	elsewhere, err := b.DescribeSendFileResults(t.Context(), &assist.DescribeSendFileResultsRequest{RegionId: "cn-beijing"})
	if err != nil || elsewhere.TotalCount != 0 {
		t.Error(elsewhere, err)
	}
}

// TestConcurrentFiles writes one file many times concurrently. Without Overwrite, exactly one call succeeds. The content must be that
// of one call.
func TestConcurrentFiles(t *testing.T) {
	b := openFleet(t, 1)
	for _, overwrite := range []bool{false, true} {
		ids := make([]string, 20)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				answer, err := b.SendFile(t.Context(), fileRequest(strings.Repeat(string(rune('a'+i)), 20_000), func(r *assist.SendFileRequest) { r.Overwrite = overwrite }))
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = answer.InvokeId
			})
		}
		wg.Wait()
		succeeded := 0
		for _, id := range ids {
			if b.settleFile(id).InvocationStatus == "Success" {
				succeeded++
			}
		}
		if overwrite != (succeeded == len(ids)) || !overwrite && succeeded != 1 {
			t.Errorf("%d succeeded", succeeded)
		}
		text, err := b.lab.ReadFile(nth(1), "/etc/app/app.conf")
		if err != nil || len(text) != 20_000 || strings.Trim(string(text), string(text[:1])) != "" {
			t.Errorf("%d bytes, %v", len(text), err)
		}
	}
}

// TestFilesDoNotQueue sends a file to an instance whose task queue is full. The official agent writes files immediately.
func TestFilesDoNotQueue(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(time.Minute, 0)
		for range maxRunning + maxWaiting {
			b.must(shell("sleep 60"))
		}
		b.after(0)
		sent := b.must(fileRequest("x")).(*assist.SendFileResponse).InvokeId
		b.after(0)
		files := b.must(&assist.DescribeSendFileResultsRequest{RegionId: "cn-hangzhou", InvokeId: sent}).(*assist.DescribeSendFileResultsResponse)
		if it := files.Invocations.Invocation[0].InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Success" {
			t.Errorf("%+v", it)
		}
	})
}
