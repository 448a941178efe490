package agents

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWireList compares a task list with what agents understand: names, and types such as the text of timeOut.
func TestWireList(t *testing.T) {
	at := time.Date(2027, 1, 2, 3, 4, 5, 0, time.FixedZone("", 8*60*60))
	once := Task{
		Id: "t-1", Version: 1, CommandId: "c-1", Type: "RunShellScript", Content: []byte("echo hello"), Timeout: 1500 * time.Millisecond,
		WorkingDir: "/srv", Username: "root", Repeat: Once, Created: at, EnableParameter: true, BuiltIn: map[string]string{"RegionId": "cn-hangzhou"},
		TerminationMode: "ProcessTree", Launcher: `python3 {{ACS::ScriptFileName|Ext(".py")}}`,
	}
	period, rate, atOnce := once, once, once
	period.Id, period.Repeat, period.Schedule, period.Username = "t-2", Period, "0 0 8 * * ?", "admin"
	rate.Id, rate.Repeat, rate.Schedule = "t-3", Rate, "rate(5m)"
	atOnce.Id, atOnce.Repeat, atOnce.Schedule, atOnce.At = "t-4", At, "at(2027-01-02 03:04:05 Asia/Shanghai)", at
	list := List{
		Run: []Task{once, period, rate, atOnce}, Test: []Task{period}, Stop: []Task{{Id: "t-5", Version: 2, Repeat: Period}},
		Files: []File{{Id: "f-1", Name: "a.txt", TargetDir: "/etc", Content: []byte("<a&b>"), Owner: "u", Group: "g", Mode: "0600", Overwrite: true, Timeout: time.Minute}},
	}
	for name, agentOf := range map[string]agent{"578": {"linux", "2.2.3.578"}, "857": {"linux", "2.2.3.857"}} {
		s := New(newMemoryLab(), Options{OlderBuild: func(_, version string, build int) bool { return version == "2.2.3.578" && build > 578 }})
		wire, err := s.encodeList(&request{Request: httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil), instanceID: "mi-1", agent: agentOf}, list)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.MarshalIndent(wire, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		path := "testdata/list." + name + ".json"
		if *update {
			if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLauncherQuotes(t *testing.T) {
	for launcher, want := range map[string]string{
		`python3 {{ACS::ScriptFileName|Ext(".py")}} -v`: `python3 {{ACS::ScriptFileName|Ext(.py)}} -v`,
		`python3 {{ACS::ScriptFileName|Ext('.py')}}`:    `python3 {{ACS::ScriptFileName|Ext(.py)}}`,
		`python3 {{ACS::ScriptFileName|Ext(.py)}}`:      `python3 {{ACS::ScriptFileName|Ext(.py)}}`,
		`sh -c "exec x"`: `sh -c "exec x"`,
	} {
		if got := (Task{Launcher: launcher}).encode(false).Task.Launcher; got != want {
			t.Errorf("%s: got %s", launcher, got)
		}
	}
}

func TestReadListRequest(t *testing.T) {
	for query, want := range map[string]ListRequest{
		"reason=startup&cold_start=true&currentTime=1&offset=28800&timeZone=Asia%2FShanghai": {Startup: true, ColdStart: true, Version: "2.2.3.857", TimeZone: "Asia/Shanghai"},
		"reason=startup&cold_start=false":                       {Startup: true, Version: "2.2.3.857"},
		"reason=kickoff&cold_start=true":                        {Version: "2.2.3.857"},
		"reason=kickoff&taskId=t-1&timeZone=a%0Ab":              {TaskId: "t-1", Version: "2.2.3.857"},
		"reason=kickoff&concurrency=10&concurrencyHardLimit=20": {Version: "2.2.3.857"},
	} {
		values, _ := url.ParseQuery(query)
		got, err := readListRequest(&request{query: values, agent: agent{"linux", "2.2.3.857"}})
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", query, got, err)
		}
	}
	if _, err := readListRequest(&request{query: url.Values{"taskId": {"../x"}}}); err == nil {
		t.Error("a task id that is a path was accepted")
	}
}

func TestReadAgent(t *testing.T) {
	for userAgent, want := range map[string]agent{
		"linux_amd64/2.2.3.578":   {"linux", "2.2.3.578"},
		"windows_amd64/2.1.3.857": {"windows", "2.1.3.857"},
		"curl/8.0":                {},
		"linux_amd64":             {},
		"linux_amd64/a b":         {},
		"":                        {},
	} {
		if got := readAgent(userAgent); got != want {
			t.Errorf("%q: got %v", userAgent, got)
		}
	}
}
