package cmd

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"muster/pkg/fleet"
)

// What the environment tells a muster that is to be killed.
const (
	chaosPoint = "CHAOS_POINT" // the boundary at which it kills itself, from 1 on
	chaosAt    = "CHAOS_AT"    // the name of those that count, if not all do
	chaosDir   = "CHAOS_DIR"   // where it leaves word
)

// testPatience and testElapsed are the environment variables that have fleet.Engine's Patience, and assist.RetryPolicy's Elapsed.
const (
	testPatience = "TEST_PATIENCE"
	testElapsed  = "TEST_ELAPSED"
)

// killsItself prepares a muster that ends at a boundary, as SIGKILL ends it: nothing is flushed, closed or told. The
// boundaries of a run are before an event is kept, behind it, and behind each flush to the disk; the call that an event
// announces, or whose answer it tells, lies between two of them.
func killsItself(a *app) {
	a.patience, _ = time.ParseDuration(os.Getenv(testPatience))
	a.elapsed, _ = time.ParseDuration(os.Getenv(testElapsed))
	dir := os.Getenv(chaosDir)
	if dir == "" {
		return
	}
	point, _ := strconv.Atoi(os.Getenv(chaosPoint))
	a.wrapJournal = func(j fleet.Journal) fleet.Journal {
		m := &mortalJournal{Journal: j, dir: dir, left: cmp.Or(point, -1), at: os.Getenv(chaosAt)}
		m.durable(m.size())
		return m
	}
}

// mortalJournal counts the boundaries until the last one, and keeps note of how much of the journal is on disk.
type mortalJournal struct {
	fleet.Journal
	dir  string
	mu   sync.Mutex
	left int
	at   string
	safe int64
}

func (m *mortalJournal) Append(event fleet.Event) error {
	m.boundary("before " + string(event.Event))
	err := m.Journal.Append(event)
	m.boundary("after " + string(event.Event))
	return err
}

func (m *mortalJournal) Sync() error {
	size := m.size()
	err := m.Journal.Sync()
	if err == nil {
		m.durable(size)
	}
	m.boundary("after a flush")
	return err
}

// boundary ends the process at the last one.
func (m *mortalJournal) boundary(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at != "" && m.at != name {
		return
	}
	if m.left--; m.left != 0 {
		return
	}
	_ = os.WriteFile(filepath.Join(m.dir, "boundary"), []byte(name), 0o600)
	self, _ := os.FindProcess(os.Getpid())
	_ = self.Kill()
	select {} // until it is dead
}

// size is that of the one journal that there is.
func (m *mortalJournal) size() int64 {
	info, err := os.Stat(journalIn(m.dir))
	if err != nil {
		return 0
	}
	return info.Size()
}

func (m *mortalJournal) durable(size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if size > m.safe {
		m.safe = size
		temporary := filepath.Join(m.dir, "safe.new")
		_ = os.WriteFile(temporary, fmt.Append(nil, size), 0o600)
		_ = os.Rename(temporary, filepath.Join(m.dir, "safe"))
	}
}

// journalIn is the journal of the one run in a state directory; empty when there is none.
func journalIn(dir string) string {
	found, _ := filepath.Glob(filepath.Join(dir, "muster", "runs", "*.jsonl"))
	if len(found) == 0 {
		return ""
	}
	return found[0]
}
