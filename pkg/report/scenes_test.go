package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// noSpace is the end of the outputs of failures.
const noSpace = "tar: write error: no space left on disk\n"

// scene is a run of waves of the given sizes. Every failed-th instance fails, or none if failed is 0, and all outputs differ:
// that of instance n contains "shard n of" and has two to ten lines.
type scene struct {
	waves  []int
	failed int
	lines  int  // of each output, unless 0
	long   bool // outputs are wider and higher than a window
}

func (c scene) story() *story {
	var targets []fleet.Target
	for wave, n := range c.waves {
		for range n {
			number := len(targets) + 1
			targets = append(targets, fleet.Target{InstanceId: fmt.Sprintf("i-%05d", number), InstanceName: fmt.Sprintf("web-%05d", number), Wave: wave + 1})
		}
	}
	s := newStory(targets...)
	number := 0
	for wave := range c.waves {
		if wave > 0 {
			s.tell(fleet.Event{Event: fleet.GateEvent, Wave: wave + 1})
		}
		rest := targets[number : number+c.waves[wave]]
		longest := time.Duration(0)
		for batch := range slices.Chunk(rest, 50) {
			invokeID := "t-" + batch[0].InstanceId
			var ids []string
			for _, target := range batch {
				ids = append(ids, target.InstanceId)
			}
			s.send(invokeID, ids...)
			for _, id := range ids {
				number++
				status, output := fleet.TargetStatus{InstanceId: id, InvocationStatus: assist.StatusSuccess}, c.output(number, len(targets))
				if c.failed > 0 && number%c.failed == 0 {
					status.InvocationStatus, status.ExitCode = assist.StatusFailed, int64(1+number%3)
					output += noSpace
				}
				after := time.Duration(number*7%40) * time.Second
				longest = max(longest, after)
				s.end(invokeID, status, after, output)
			}
		}
		s.wait(longest + time.Second)
	}
	s.tell(fleet.Event{Event: fleet.Settled})
	return s
}

func (c scene) output(number, all int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "shard %d of %d, request %x\n", number, all, number*2654435761%4294967296)
	lines := 1 + number%9
	if c.lines > 0 {
		lines = c.lines
	}
	if c.long {
		lines = 60
	}
	for line := range lines {
		fmt.Fprintf(&b, "unpacked release-%d.%d to /srv/app/%d\n", number%17, line, number*31%1000)
		if c.long && line == 0 {
			b.WriteString(strings.Repeat("wide ", 80) + "\n")
		}
	}
	return b.String()
}

// tenThousand is a run of 10,000 instances, of which 3 in 100 fail, with different outputs.
var tenThousand = scene{waves: []int{100, 1900, 8000}, failed: 33}

// everyCause returns a run with instances of every cause, and without one.
func everyCause() *story {
	states := map[fleet.Cause]assist.Status{
		fleet.CauseSuccess: assist.StatusSuccess, fleet.CauseExit: assist.StatusFailed, fleet.CauseTimeout: assist.StatusTimeout,
		fleet.CauseUndelivered: assist.StatusAborted, fleet.CauseInvalid: assist.StatusInvalid, fleet.CauseError: assist.StatusError,
		fleet.CauseCancelled: assist.StatusCancelled, fleet.CauseTerminated: assist.StatusTerminated,
	}
	var targets []fleet.Target
	for n, cause := range fleet.Causes() {
		for range 2 {
			targets = append(targets, fleet.Target{InstanceId: fmt.Sprintf("i-%s-%d", cause, len(targets)), InstanceName: fmt.Sprintf("%s-%d", cause, len(targets)), Wave: 1 + n/6})
		}
	}
	s := newStory(targets...)
	for n, cause := range fleet.Causes() {
		pair := []string{targets[2*n].InstanceId, targets[2*n+1].InstanceId}
		switch status := states[cause]; {
		case status != "":
			s.send("t-"+string(cause), pair...)
			for i, id := range pair {
				s.end("t-"+string(cause), fleet.TargetStatus{InstanceId: id, InvocationStatus: status, ExitCode: int64(min(n, 1))}, time.Duration(1+n+i)*time.Second, "this is "+string(cause)+"\n")
			}
		case cause == fleet.CauseSkipped:
			skipped := targets[2*n : 2*n+2]
			for i := range skipped {
				skipped[i].ErrorCode = "InstanceNotRunning"
			}
			s.tell(fleet.Event{Event: fleet.Skipped, Targets: skipped})
		case cause == fleet.CauseRejected:
			s.tell(fleet.Event{Event: fleet.Submitting, ClientToken: "r", InstanceIds: pair})
			s.tell(fleet.Event{Event: fleet.Rejected, ClientToken: "r", Code: "InvalidInstance.NotFound", Final: true})
		case cause == fleet.CauseUnknown:
			s.send("t-unknown", pair...)
		}
		s.wait(time.Second)
	}
	s.wait(20 * time.Second)
	s.tell(fleet.Event{Event: fleet.Interrupted, Code: "wait-timeout"})
	return s
}

// fannedOut returns a run of n instances, each of which is sent to when another one ends.
func fannedOut(n, limit int) *story {
	var targets []fleet.Target
	for i := range n {
		targets = append(targets, fleet.Target{InstanceId: fmt.Sprintf("i-%05d", i+1), InstanceName: fmt.Sprintf("web-%05d", i+1), Wave: 1})
	}
	s := newStory(targets...)
	s.events[0].Fanout = limit
	free := slices.Repeat([]time.Time{noon}, limit) // when each slot is
	for i, target := range targets {
		slot := slices.Index(free, slices.MinFunc(free, time.Time.Compare))
		s.now = free[slot]
		invokeID := "t-" + target.InstanceId
		s.send(invokeID, target.InstanceId)
		after := time.Duration(1+i*7%13) * time.Second
		s.end(invokeID, fleet.TargetStatus{InstanceId: target.InstanceId, InvocationStatus: assist.StatusSuccess}, after, "done\n")
		free[slot] = s.events[len(s.events)-1].Time
	}
	s.now = slices.MaxFunc(free, time.Time.Compare)
	slices.SortStableFunc(s.events, func(a, b fleet.Event) int { return a.Time.Compare(b.Time) })
	s.tell(fleet.Event{Event: fleet.Settled})
	return s
}

// scenes are the runs that pages are checked with.
func scenes() map[string]func() *story {
	of := func(c scene) func() *story { return c.story }
	return map[string]func() *story{
		"one":          of(scene{waves: []int{1}}),
		"fan-out":      func() *story { return fannedOut(300, 20) },
		"three waves":  threeWaves,
		"every cause":  everyCause,
		"forty waves":  of(scene{waves: slices.Repeat([]int{50}, 40), failed: 33}),
		"forty single": of(scene{waves: slices.Repeat([]int{1}, 40), failed: 7, long: true}),
		"thin waves":   of(scene{waves: []int{1, 1, 1000, 1, 3, 1000, 1, 1}, failed: 33}),
	}
}

// TestPictures writes screenshots of pages to a directory, for manual inspection.
func TestPictures(t *testing.T) {
	dir := os.Getenv("MUSTER_TEST_PICTURES")
	if dir == "" {
		t.Skip("MUSTER_TEST_PICTURES is not set")
	}
	all := scenes()
	all["ten thousand"] = tenThousand.story
	for name, story := range all {
		file := save(t, written(t, story(), mostOutputs))
		for _, w := range []window{{width: 1280, height: 3000}, {width: 1280, height: 3000, dark: true}, {width: 400, height: 3000}} {
			picture := fmt.Sprintf("%s %d.png", name, w.width)
			if w.dark {
				picture = name + " dark.png"
			}
			page := open(t, file, w)
			page.frames()
			if err := os.WriteFile(filepath.Join(dir, picture), page.picture(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
