package target

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

func TestReadIds(t *testing.T) {
	ids, err := ReadIds(strings.NewReader("\ufeff# canaries\r\ni-a # web\r\n\n  i-b, i-c i-d\nmi-e"), "ids.txt")
	if want := []string{"i-a", "i-b", "i-c", "i-d", "mi-e"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, %v", ids, err)
	}
	_, err = ReadIds(strings.NewReader("i-a\nweb-1\n"), "ids.txt")
	if err == nil || !strings.Contains(err.Error(), `ids.txt, line 2: "web-1"`) {
		t.Errorf("err %v", err)
	}
}

func FuzzReadIds(f *testing.F) {
	f.Add("i-a # x\ni-b,mi-c")
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := ReadIds(strings.NewReader(text), "f")
		for _, id := range ids {
			if err == nil && (!wellFormed(id) || strings.ContainsAny(id, " ,#\n")) {
				t.Errorf("%q is an id in %q", id, text)
			}
		}
	})
}

func TestParseTag(t *testing.T) {
	value := func(s string) *string { return &s }
	for text, want := range map[string]assist.TagFilter{
		"env=prod": {Key: "env", Value: value("prod")}, "env": {Key: "env"}, "env=": {Key: "env", Value: value("")}, "a=b=c": {Key: "a", Value: value("b=c")},
	} {
		got, err := ParseTag(text)
		if err != nil || got.Key != want.Key || (got.Value == nil) != (want.Value == nil) || got.Value != nil && *got.Value != *want.Value {
			t.Errorf("ParseTag(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "=", "=x", " =x"} {
		if _, err := ParseTag(text); err == nil {
			t.Errorf("ParseTag(%q) is no error", text)
		}
	}
}

func TestParseShare(t *testing.T) {
	for _, test := range []struct {
		text        string
		total, want int
	}{{"3", 10, 3}, {"30", 10, 10}, {"10%", 100, 10}, {"10%", 101, 11}, {"0.1%", 5, 1}, {"100%", 7, 7}, {"50%", 0, 0}} {
		sample, err := ParseShare(test.text)
		if got := sample.Of(test.total); err != nil || got != test.want {
			t.Errorf("%s of %d = %d, %v; want %d", test.text, test.total, got, err, test.want)
		}
	}
	for _, text := range []string{"", "0", "-1", "x", "0%", "101%", "%", "NaN%", "1.5"} {
		if _, err := ParseShare(text); err == nil {
			t.Errorf("ParseShare(%q) is no error", text)
		}
	}
}

func TestSampleKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Instance
		for i := range rapid.IntRange(0, 50).Draw(t, "total") {
			all = append(all, Instance{InstanceId: fmt.Sprintf("i-%03d", i)})
		}
		sample := Share{Count: rapid.IntRange(1, 60).Draw(t, "count")}
		taken := Take(sample, all, rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed"))))
		if len(taken) != min(sample.Count, len(all)) {
			t.Fatalf("%d of %d", len(taken), len(all))
		}
		if !slices.IsSortedFunc(taken, func(a, b Instance) int { return strings.Compare(a.InstanceId, b.InstanceId) }) {
			t.Fatalf("out of order: %v", taken)
		}
	})
}

// directory is a service that only knows who there is.
type directory struct{ instances []Instance }

func (d directory) AllInstanceSummaries(_ context.Context, r assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return func(yield func(assist.InstanceSummary, error) bool) {
		for _, i := range d.instances {
			if r.InstanceIds != nil && !slices.Contains(r.InstanceIds, i.InstanceId) {
				continue
			}
			if !yield(assist.InstanceSummary{InstanceId: i.InstanceId, InstanceName: i.InstanceName, Status: i.Status, OSType: i.OSType}, nil) {
				return
			}
		}
	}
}

func (d directory) DescribeCloudAssistantStatus(_ context.Context, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	answer := new(assist.DescribeCloudAssistantStatusResponse)
	for _, i := range d.instances {
		if slices.Contains(r.InstanceId, i.InstanceId) {
			answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus = append(
				answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus, assist.InstanceCloudAssistantStatus{
					InstanceId: i.InstanceId, CloudAssistantStatus: fmt.Sprint(i.Online), CloudAssistantVersion: i.AgentVersion,
				})
		}
	}
	return answer, nil
}

func TestResolve(t *testing.T) {
	d := directory{}
	for i := range 250 {
		d.instances = append(d.instances, Instance{
			InstanceId: fmt.Sprintf("i-%03d", i), InstanceName: fmt.Sprintf("web-%03d", i), Status: "Running", OSType: "linux",
			Online: true, AgentVersion: "2.2.3.857",
		})
	}
	r := &Resolver{API: d, RegionId: "r", PageSize: 50, Concurrency: 4}
	got, err := r.Resolve(t.Context(), Selector{InstanceIds: []string{"i-200", "i-none", "i-003", "i-200"}, All: true, Exclude: []string{"web-1*"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 151 || got[0].InstanceId != "i-200" || got[1].Status != "" || got[2].InstanceId != "i-003" || got[3].InstanceId != "i-000" {
		t.Errorf("%d instances, the first %v", len(got), got[:4])
	}
	for _, i := range got {
		if i.InstanceId != "i-none" && i.Check(Need{CommandType: "RunShellScript"}) != nil {
			t.Errorf("%v cannot run it", i)
		}
	}
	var nobody *NotFoundError
	if _, err := r.Resolve(t.Context(), Selector{InstanceIds: []string{"i-x"}}); !errors.As(err, &nobody) || nobody.Ids[0] != "i-x" {
		t.Errorf("err %v", err)
	}
}

// slowRoll lists no further instance before somebody has asked for the agents of the first ones.
type slowRoll struct {
	directory
	asked chan struct{}
	once  sync.Once
}

func (s *slowRoll) AllInstanceSummaries(ctx context.Context, r assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return func(yield func(assist.InstanceSummary, error) bool) {
		listed := 0
		for i := range s.directory.AllInstanceSummaries(ctx, r) {
			if listed++; listed == 100 {
				<-s.asked
			}
			if !yield(i, ctx.Err()) {
				return
			}
		}
	}
}

func (s *slowRoll) DescribeCloudAssistantStatus(ctx context.Context, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	s.once.Do(func() { close(s.asked) })
	if slices.Contains(r.InstanceId, "i-000199") {
		return nil, errors.New("no agents today")
	}
	return s.directory.DescribeCloudAssistantStatus(ctx, r)
}

func TestAgentsAreAskedForMeanwhile(t *testing.T) {
	r := &Resolver{API: &slowRoll{directory: crowd(150), asked: make(chan struct{})}, RegionId: "r", PageSize: 50, Concurrency: 1}
	got, err := r.Resolve(t.Context(), Selector{All: true})
	if err != nil || len(got) != 150 || slices.ContainsFunc(got, func(i Instance) bool { return !i.Online }) {
		t.Errorf("%d instances, err %v", len(got), err)
	}
	r.API = &slowRoll{directory: crowd(250), asked: make(chan struct{})}
	if _, err := r.Resolve(t.Context(), Selector{All: true}); err == nil || !strings.Contains(err.Error(), "agents' status: no agents today") {
		t.Errorf("err %v", err)
	}
}

// crowd is n instances that can all run what they are sent.
func crowd(n int) directory {
	d := directory{}
	for i := range n {
		d.instances = append(d.instances, Instance{
			InstanceId: fmt.Sprintf("i-%06d", i), InstanceName: fmt.Sprintf("web-%06d", i), Status: "Running", OSType: "linux",
			Online: true, AgentVersion: "2.2.3.857",
		})
	}
	return d
}

// everyAgent answers at once for anybody.
type everyAgent struct{ directory }

func (everyAgent) DescribeCloudAssistantStatus(_ context.Context, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	answer := new(assist.DescribeCloudAssistantStatusResponse)
	set := &answer.InstanceCloudAssistantStatusSet
	for _, id := range r.InstanceId {
		set.InstanceCloudAssistantStatus = append(set.InstanceCloudAssistantStatus,
			assist.InstanceCloudAssistantStatus{InstanceId: id, CloudAssistantStatus: "true", CloudAssistantVersion: "2.2.3.857"})
	}
	return answer, nil
}

// BenchmarkResolve is the resolver's own work, at a service that answers at once.
func BenchmarkResolve(b *testing.B) {
	r := &Resolver{API: everyAgent{crowd(10_000)}, RegionId: "r", PageSize: 50, Concurrency: 8}
	b.ReportAllocs()
	for b.Loop() {
		if got, err := r.Resolve(b.Context(), Selector{All: true}); err != nil || len(got) != 10_000 {
			b.Fatal(len(got), err)
		}
	}
}

func TestCheck(t *testing.T) {
	good := Instance{InstanceId: "i-1", Status: "Running", OSType: "linux", Online: true, AgentVersion: "2.2.3.309"}
	for want, change := range map[string]func(*Instance){
		"":                     func(*Instance) {},
		"InstanceNotExists":    func(i *Instance) { i.Status = "" },
		"InstanceNotRunning":   func(i *Instance) { i.Status = "Stopped" },
		"ClientNotRunning":     func(i *Instance) { i.AgentVersion = "" },
		"ClientNotResponse":    func(i *Instance) { i.Online = false },
		"CommandNotApplicable": func(i *Instance) { i.OSType = "windows" },
		"ClientNeedUpgrade":    func(i *Instance) { i.AgentVersion = "2.2.3.308" },
	} {
		i := good
		change(&i)
		got := ""
		need := Need{CommandType: "RunShellScript", Agent: assist.LeastAgent{Linux: "2.2.3.309", Windows: "2.1.3.309"}}
		if why := i.Check(need); why != nil {
			got = why.Code
		}
		if got != want {
			t.Errorf("%v: %q, want %q", i, got, want)
		}
	}
	windows := Instance{InstanceId: "i-1", Status: "Running", OSType: "Windows", Online: true, AgentVersion: "1"}
	if why := windows.Check(Need{CommandType: "RunPowerShellScript"}); why != nil {
		t.Errorf("PowerShell on Windows: %v", why)
	}
}
