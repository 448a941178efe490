package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"muster/pkg/fleet"
)

// listFromJournals returns what List returns without an index.
func listFromJournals(t require, d Dir) []Summary {
	t.Helper()
	runs, err := Dir{Path: d.Path}.list(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// require is the part of a test that these functions use.
type require interface {
	Helper()
	Fatal(args ...any)
}

func must(t require, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// texts makes the errors of summaries comparable.
var texts = cmpopts.AcyclicTransformer("text", func(err error) string { return fmt.Sprint(err) })

// ends makes summaries comparable with their ends, whether these have been parsed or not.
var ends = cmp.Transformer("end", func(s Summary) any {
	return struct {
		Header  Header
		Running bool
		Err     error
		End     *fleet.Event
	}{s.Header, s.Running, s.Err, s.End()}
})

// checkFold compares the entry of a run with its whole journal, if that can be read to its end.
func checkFold(t require, d Dir, id string) {
	t.Helper()
	s, _ := d.readSummary(id, new(lineReader))
	if s.Err != nil {
		return
	}
	r, err := d.Read(id)
	if err != nil {
		return
	}
	var end *fleet.Event
	for event, err := range r.Events() {
		must(t, err)
		if end = nil; event.Event == fleet.Settled || event.Event == fleet.Interrupted {
			end = &event
		}
	}
	info, err := os.Stat(d.file(id))
	must(t, err, r.Close())
	if diff := cmp.Diff(r.Header, s.Header); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(end, s.End()); diff != "" && info.Size() == r.whole {
		t.Fatal(diff)
	}
}

// TestIndexChangesNothing changes journals in every way, and the index as well: a list is the same as without an index. Time passes
// between the changes, so that the journals are indexed.
func TestIndexChangesNothing(t *testing.T) {
	dirs := t.TempDir()
	tests := 0
	rapid.Check(t, func(t *rapid.T) {
		tests++
		d := Dir{Path: filepath.Join(dirs, fmt.Sprint(tests))}
		clock := time.Now().Add(-1000 * time.Hour)
		made := 0
		// passTime makes the latest change one that happened long ago, but after all earlier ones.
		passTime := func(id string) {
			if rapid.IntRange(0, 5).Draw(t, "recent") > 0 {
				clock = clock.Add(time.Second)
				must(t, os.Chtimes(d.file(id), clock, clock))
			}
		}
		anID := func(t *rapid.T) string {
			ids, err := d.ids()
			must(t, err)
			if len(ids) == 0 {
				t.Skip("no run")
			}
			return rapid.SampledFrom(ids).Draw(t, "run")
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				got, err := d.list(rapid.IntRange(-1, 2).Draw(t, "few"))
				must(t, err)
				_ = os.Rename(d.indexFile(), d.indexFile()+".kept")
				want := listFromJournals(t, d)
				_ = os.Rename(d.indexFile()+".kept", d.indexFile())
				if diff := cmp.Diff(want, got, texts, ends); diff != "" {
					t.Fatalf("with the index (-want +got):\n%s", diff)
				}
				ids, err := d.ids()
				must(t, err)
				for _, id := range ids {
					checkFold(t, d, id)
				}
			},
			"run": func(t *rapid.T) {
				made++
				id := fmt.Sprintf("run-%03d", made)
				j, err := d.Create(testHeader(id, clock.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "began")))), testPlan(id))
				must(t, err)
				events := story(id)
				for _, event := range events[:rapid.OneOf(rapid.Just(len(events)), rapid.IntRange(0, len(events))).Draw(t, "events")] {
					event.Time = clock
					must(t, j.Append(event))
				}
				must(t, j.Close())
				passTime(id)
			},
			"resume": func(t *rapid.T) {
				id := anID(t)
				j, _, err := d.Open(id)
				if err != nil {
					t.Skip("cannot be opened")
				}
				for _, event := range story(id)[rapid.IntRange(7, 9).Draw(t, "from"):] {
					must(t, j.Append(event))
				}
				must(t, j.Close())
				passTime(id)
			},
			"damage": func(t *rapid.T) {
				id := anID(t)
				text, err := os.ReadFile(d.file(id))
				must(t, err)
				if len(text) == 0 {
					t.Skip("empty")
				}
				at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
				switch rapid.IntRange(0, 2).Draw(t, "kind") {
				case 0:
					text = text[:at]
				case 1:
					text[at] = rapid.Byte().Draw(t, "byte")
				case 2:
					clear(text[at:])
				}
				must(t, os.WriteFile(d.file(id), text, 0o600))
				passTime(id)
			},
			"remove": func(t *rapid.T) { must(t, d.Remove(anID(t))) },
			"replace": func(t *rapid.T) { // with another run
				text, err := os.ReadFile(d.file(anID(t)))
				must(t, err)
				id := anID(t)
				must(t, os.WriteFile(d.file(id), text, 0o600))
				passTime(id)
			},
			"damage the index": func(t *rapid.T) {
				text, err := os.ReadFile(d.indexFile())
				if err != nil || len(text) == 0 {
					t.Skip("no index")
				}
				at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
				if rapid.Bool().Draw(t, "cut") {
					text = text[:at]
				} else {
					text[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
				}
				must(t, os.WriteFile(d.indexFile(), text, 0o600))
			},
			"remove the index": func(*rapid.T) { _ = os.Remove(d.indexFile()) },
		})
	})
}

// TestIndexIsUsed checks that a list reads no journal that it has indexed.
func TestIndexIsUsed(t *testing.T) {
	d := testDir(t)
	longAgo := time.Now().Add(-time.Hour)
	for i := range 3 {
		id := fmt.Sprint("run-", i)
		write(t, d, id, longAgo)
		must(t, os.Chtimes(d.file(id), longAgo, longAgo))
	}
	want, err := d.list(2)
	must(t, err)
	for i := range 3 { // unreadable, unless the index is used
		path := d.file(fmt.Sprint("run-", i))
		info, err := os.Stat(path)
		must(t, err)
		must(t, os.WriteFile(path, slices.Repeat([]byte("x"), int(info.Size())), 0o600), os.Chtimes(path, longAgo, longAgo))
	}
	got, err := d.List()
	must(t, err)
	if diff := cmp.Diff(want, got, texts, ends); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(d.indexFile()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the index has mode %v, %v", info.Mode(), err)
	}
}

// TestFewRunsHaveNoIndex checks that small directories have no index, and that a recent journal is not in one.
func TestFewRunsHaveNoIndex(t *testing.T) {
	d := testDir(t)
	write(t, d, "run-1", time.Now())
	for _, few := range []int{fewRead, 0} {
		_, err := d.list(few)
		must(t, err)
		if _, err := os.Stat(d.indexFile()); err == nil {
			t.Errorf("an index was written, with %d", few)
		}
	}
}

// TestIndexIsShared lists and writes the index from several goroutines.
func TestIndexIsShared(t *testing.T) {
	d := testDir(t)
	longAgo := time.Now().Add(-time.Hour)
	for i := range 20 {
		id := fmt.Sprintf("run-%02d", i)
		write(t, d, id, longAgo)
		must(t, os.Chtimes(d.file(id), longAgo, longAgo))
	}
	want := listFromJournals(t, d)
	failures := make(chan string, 8)
	for range cap(failures) {
		go func() {
			for range 20 {
				got, err := d.list(-1)
				if diff := cmp.Diff(want, got, texts, ends); err != nil || diff != "" {
					failures <- fmt.Sprint(err, diff)
					return
				}
			}
			failures <- ""
		}()
	}
	for range cap(failures) {
		if failure := <-failures; failure != "" {
			t.Error(failure)
		}
	}
}

func FuzzIndex(f *testing.F) {
	d := testDir(f)
	write(f, d, "run-1", time.Unix(1_800_000_000, 0))
	f.Add([]byte("run-1 1 2 3 4\nabcdefg"))
	f.Add([]byte("run-1 1 2 9223372036854775807 9223372036854775807\nabc"))
	f.Fuzz(func(t *testing.T, rest []byte) {
		if err := os.WriteFile(d.indexFile(), append([]byte(indexHead(rest)+"\n"), rest...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.List(); err != nil {
			t.Fatal(err)
		}
	})
}
