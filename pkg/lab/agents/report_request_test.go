package agents

import (
	"net/url"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParseReport(t *testing.T) {
	start, end := time.UnixMilli(1795832800123), time.UnixMilli(1795832800456)
	for _, c := range []struct {
		kind  string
		query string
		want  Report
	}{
		{"running", "taskId=t-1&invokeVersion=1&start=1795832800123", Report{Kind: Running, TaskId: "t-1", Version: 1, Start: start}},
		{"running", "taskId=t-1&invokeVersion=2&start=1795832800123&currentTime=1795832800123&offset=28800&timeZone=Asia%2FShanghai",
			Report{Kind: Running, TaskId: "t-1", Version: 2, Start: start}},
		{"finish", "taskId=t-1&invokeVersion=1&start=1795832800123&end=1795832800456&exitCode=-1&dropped=17",
			Report{Kind: Finished, TaskId: "t-1", Version: 1, Start: start, End: end, ExitCode: -1, Dropped: 17}},
		{"timeout", "taskId=t-1&invokeVersion=1&start=1795832800123&end=1795832800456&exitCode=1&dropped=0",
			Report{Kind: TimedOut, TaskId: "t-1", Version: 1, Start: start, End: end, ExitCode: 1}},
		{"error", "taskId=t-1&invokeVersion=1&start=0&end=0&exitCode=0&dropped=0&errCode=-9&errDesc=ScriptFileExisted%3A+%2Fx%0A",
			Report{Kind: Failed, TaskId: "t-1", Version: 1, ErrorCode: "-9", ErrorDesc: "ScriptFileExisted: /x "}},
		{"stopped", "taskId=t-1&invokeVersion=1&start=1795832800123&end=1795832800456&exitcode=3&dropped=0&result=killed",
			Report{Kind: Stopped, TaskId: "t-1", Version: 1, Start: start, End: end, ExitCode: 3}},
		{"stopped", "taskId=t-1&invokeVersion=1&start=0&end=0&exitcode=0&dropped=0&result=completed",
			Report{Kind: Stopped, TaskId: "t-1", Version: 1, Completed: true}},
		{"stopped", "taskId=t-1&invokeVersion=1&start=0&end=0&exitcode=0&dropped=0&result=failed&errCode=TerminationException",
			Report{Kind: Stopped, TaskId: "t-1", Version: 1, ErrorCode: "TerminationException"}},
		{"invalid", "taskId=t-1&invokeVersion=1&param=workingDirectory&value=a+b",
			Report{Kind: Invalid, TaskId: "t-1", Version: 1, Param: "workingDirectory", ErrorDesc: "a b"}},
		{"verified", "taskId=t-1&invokeVersion=1", Report{Kind: Verified, TaskId: "t-1", Version: 1}},
		{"finish", "taskId=f-1&status=Success&taskType=sendfile&errorcode=0", Report{Kind: FileEnded, TaskId: "f-1", File: true, FileWritten: true}},
		{"finish", "taskId=f-1&status=Failed&taskType=sendfile&errorcode=2", Report{Kind: FileEnded, TaskId: "f-1", File: true, FileError: 2}},
		{"invalid", "taskId=f-1&taskType=sendfile&param=FileExist&value=a;b&taskId=f-2", Report{Kind: Invalid, TaskId: "f-1", File: true, Param: "FileExist"}},
		{"invalid", "taskId=f-1&taskType=sendfile&param=FileExist&value=%zz", Report{Kind: Invalid, TaskId: "f-1", File: true, Param: "FileExist"}},
	} {
		query, _ := url.ParseQuery(c.query)
		got, err := parseReport(reportKinds()[c.kind], query)
		if err != nil {
			t.Errorf("%s?%s: %v", c.kind, c.query, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s?%s: %s", c.kind, c.query, diff)
		}
	}
}

func TestMalformedReports(t *testing.T) {
	for _, c := range []struct{ kind, query string }{
		{"running", ""},
		{"running", "taskId=../x&start=1"},
		{"running", "taskId=t-1&start=yesterday"},
		{"running", "taskId=t-1&start=-1"},
		{"running", "taskId=t-1&start=99999999999999999"},
		{"finish", "taskId=t-1&exitCode=99999999999"},
		{"finish", "taskId=t-1&dropped=-1"},
		{"finish", "taskId=t-1&invokeVersion=99999999999"},
		{"running", "taskId=f-1&taskType=sendfile"},
		{"finish", "taskId=f-1&taskType=sendfile&errorcode=x"},
	} {
		query, _ := url.ParseQuery(c.query)
		if got, err := parseReport(reportKinds()[c.kind], query); err == nil {
			t.Errorf("%s?%s: got %+v", c.kind, c.query, got)
		}
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add(1, "taskId=t-1&invokeVersion=1&start=1795832800123&end=1795832800456&exitCode=-1&dropped=17")
	f.Add(5, "taskId=f-1&taskType=sendfile&param=FileExist&value=%zz")
	f.Fuzz(func(t *testing.T, kind int, text string) {
		query, _ := url.ParseQuery(text)
		r, err := parseReport(ReportKind(kind&7), query)
		if err != nil {
			return
		}
		if !wellFormedID(r.TaskId) || r.Dropped < 0 || r.Version < 0 || r.Start.Year() > 9999 {
			t.Errorf("%q: got %+v", text, r)
		}
		for _, s := range []string{r.ErrorCode, r.ErrorDesc, r.Param} {
			if !printable(s, 255) || !utf8.ValidString(s) {
				t.Errorf("%q: got %+v", text, r)
			}
		}
	})
}

func FuzzParseAnswer(f *testing.F) {
	f.Add("accept:kick_vm")
	f.Add("unknow:kick_vm agent deregister")
	f.Fuzz(func(t *testing.T, text string) {
		verb, kick, ok := parseAnswer(text)
		if ok && verb+":"+kick != text {
			t.Errorf("%q: got %q, %q", text, verb, kick)
		}
	})
}
