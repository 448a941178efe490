//go:build unix

package lab

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
	"muster/pkg/schedule"
)

// snapshot is the state of a lab in a form that can be compared.
type snapshot struct {
	Commands    []savedCommand
	Invocations []record
	Files       []fileRecord
	Answers     map[string]string
	Instances   []keptInstance
}

func takeSnapshot(l *Lab) snapshot {
	m := snapshot{Answers: map[string]string{}}
	for _, c := range l.own.store.inOrder {
		m.Commands = append(m.Commands, *c)
	}
	for _, e := range l.own.store.index[indexKey{}] {
		m.Invocations = append(m.Invocations, e.read())
	}
	for _, f := range l.own.files.inOrder {
		m.Files = append(m.Files, *f)
	}
	for key, first := range l.tokens.first {
		text, err := json.Marshal(first.response)
		m.Answers[key.String()] = fmt.Sprintf("%x %s %v", first.parameters, text, err)
	}
	for _, h := range l.own.inventory.hosts {
		m.Instances = append(m.Instances, h.kept().Value.(keptInstance))
	}
	return m
}

func (m snapshot) diff(other snapshot) string {
	return cmp.Diff(m, other, cmpopts.EquateEmpty(), cmp.AllowUnexported(savedCommand{}, record{}, sum{}, fileRecord{}),
		cmp.Transformer("zone", func(l *time.Location) string { return bubbleStart().In(l).Format(time.RFC3339) }),
		cmp.Transformer("frequency", func(f *schedule.Frequency) string { return fmt.Sprint(f) }))
}

// newestRun returns the highest order of a run. Runs that were dropped after they had started do not count.
func newestRun(l *Lab) uint64 {
	newest := uint64(0)
	for _, s := range l.served {
		for _, e := range s.store.invocations {
			for _, t := range e.tasks {
				newest = max(newest, t.Order)
			}
		}
	}
	return newest
}

// positions returns the invocations of each list, with the number of tasks before each.
func positions(l *Lab) map[string][]string {
	lists := map[string][]string{}
	for key, list := range l.own.store.index {
		for _, e := range list {
			lists[key.kind+" "+key.value] = append(lists[key.kind+" "+key.value], fmt.Sprint(e.InvokeId, " ", e.before, " ", e.tally))
		}
	}
	return lists
}

// reopen opens the stores of a lab, without anything that runs.
func reopen(t rapid.TB, dir string) (*Lab, *keep.Database) {
	db, err := keep.Open(dir, kinds()...)
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{storage: keep.NoStorage{}, data: dir, activity: activity{tokens: newTokens()}}
	regions := []string{"cn-hangzhou", "cn-beijing"}
	if err := l.loadIdentity(Options{Region: regions[0], Regions: regions}, db); err != nil {
		t.Fatal(err)
	}
	makeSites(l, new(counters))
	if err := l.loadInstances(Options{Instances: append(NumberedInstances(3), NumberedInstancesIn(regions[1], 3)...)}, db); err != nil {
		t.Fatal(err)
	}
	l.keepIn(db)
	return l, db
}

// TestReload makes random changes to a lab. When it is opened again, it must have the same state.
func TestReload(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		l, db := reopen(rt, dir)
		for i := range rapid.IntRange(1, 40).Draw(rt, "steps") {
			l.own = rapid.SampledFrom(l.served).Draw(rt, "region")
			changeAtRandom(rt, l, i)
		}
		if err := db.Close(); err != nil {
			rt.Fatal(err)
		}
		again, db := reopen(rt, dir)
		defer db.Close()
		for i := range l.served {
			l.own, again.own = l.served[i], again.served[i]
			if diff := cmp.Diff(positions(l), positions(again)); diff != "" {
				rt.Fatal(diff)
			}
			if diff := takeSnapshot(l).diff(takeSnapshot(again)); diff != "" {
				rt.Fatal(diff)
			}
		}
		if l.identity != again.identity || newestRun(l) != again.own.store.counters.runs.Load() {
			rt.Fatalf("after: %+v, %d runs; before: %+v, %d runs", again.identity, again.own.store.counters.runs.Load(), l.identity, newestRun(l))
		}
	})
}

// changeAtRandom makes one random change to the stores of a lab.
func changeAtRandom(t *rapid.T, l *Lab, i int) {
	s, id := l.own.store, fmt.Sprint(i)
	nth := func(n int) string { return l.own.inventory.hosts[n-1].get().InstanceId }
	text := func(label string) string { return rapid.String().Draw(t, label) }
	pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "which") }
	cmd := &command{CommandId: "c-" + id, Name: text("name"), Content: []byte(text("content")), Tags: tagPairs([]assist.Tag{{Key: "k", Value: text("tag")}}), Created: time.Now()}
	switch pick(10) {
	case 0:
		_ = s.saveCommand(cmd)
	case 1:
		if n := len(s.inOrder); n > 0 {
			_ = s.modifyCommand(s.inOrder[pick(n)].CommandId, func(c *command) { c.Name = text("name") })
		}
	case 2:
		if n := len(s.inOrder); n > 0 {
			_ = s.deleteCommand(s.inOrder[pick(n)].CommandId)
		}
	case 3:
		inv := &invocation{InvokeId: "t-" + id, Command: cmd, Zone: time.Local, Instances: 2, Parameters: map[string]string{"a": text("value")}, Created: time.Now()}
		if rapid.Bool().Draw(t, "periodic") {
			inv.RepeatMode, inv.FrequencyText, inv.Zone = repeatPeriod, "0 0 8 * * ?", time.FixedZone("UTC+8", 8*60*60)
			_ = inv.readFrequency()
		}
		saved := len(s.inOrder) > 0 && rapid.Bool().Draw(t, "saved")
		if saved {
			inv.Command = s.inOrder[pick(len(s.inOrder))].command
		}
		_ = s.addInvocation(inv, []string{nth(1), nth(3)}, saved)
	case 4, 5:
		if all := s.index[indexKey{}]; len(all) > 0 {
			statuses := []assist.Status{assist.StatusRunning, assist.StatusScheduled, assist.StatusSuccess, assist.StatusStopping}
			for range rapid.SampledFrom([]int{1, 3, maxRuns + 2}).Draw(t, "runs") {
				s.change(taskRef{all[pick(len(all))].InvokeId, pick(2)}, func(t *task) bool {
					t.startRun(s.nextRun())
					t.Status, t.Outcome, t.Started = statuses[i%len(statuses)], assist.StatusFailed, time.Now()
					t.Output, t.Dropped, t.ExitCode = []byte{0xff, byte(i)}, int64(i), 3
					return true
				})
			}
		}
	case 6:
		l.own.files.add(&sentFile{InvokeId: "f-" + id, Name: text("name"), Content: []byte(text("content")), Timeout: time.Minute, Created: time.Now()}, []string{nth(2), nth(3)})
	case 7:
		if all := l.own.files.inOrder; len(all) > 0 {
			l.own.files.change(taskRef{all[pick(len(all))].InvokeId, pick(2)}, func(t *task) { t.Status, t.Finished = assist.StatusSuccess, time.Now() })
		}
		h := l.own.inventory.hosts[pick(3)]
		h.install()
		h.set(func(it *Instance) { it.Online, it.AgentVersion = !it.Online, text("version") })
	case 8:
		_, _ = doOnce(l.tokens, tokenKey{"account", "action", text("token"), s.region}, url.Values{"a": {id}}, func() (*assist.RunCommandResponse, error) {
			return &assist.RunCommandResponse{CommandId: "c-" + id, InvokeId: "t-" + id}, nil
		})
	case 9:
		if all := s.index[indexKey{}]; len(all) > 0 {
			next := *all[pick(len(all))].invocation
			var added []*host
			if next.Instances == 2 && rapid.Bool().Draw(t, "added") {
				added = append(added, l.own.inventory.byID[nth(2)])
				next.Instances++
			}
			resent := rapid.Bool().Draw(t, "resent")
			if resent {
				cmd.Name = next.Command.Name
				next.Command = cmd
			}
			_ = s.modifyInvocation(&next, added, resent, time.Now())
		}
	}
}
