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

// The environment variables of a muster that kills itself.
const (
	chaosPoint = "CHAOS_POINT" // the boundary at which it kills itself, counted from 1
	chaosAt    = "CHAOS_AT"    // the kind of boundaries that count; all if empty
	chaosDir   = "CHAOS_DIR"   // where it leaves its notes
)

// testPatience and testElapsed are the environment variables that set Patience of fleet.Engine and Elapsed of assist.RetryPolicy.
const (
	testPatience = "TEST_PATIENCE"
	testElapsed  = "TEST_ELAPSED"
)

// killsItself makes muster end at a boundary as if killed by SIGKILL: nothing is flushed, closed or reported. Boundaries are before
// an event is stored, after that, and after each flush. The call that an event announces or reports is between two of them.
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

// mortalJournal counts boundaries, and records how much of the journal has been flushed.
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

// boundary ends the process at the chosen boundary.
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

// size returns the size of the only journal.
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

// journalIn returns the journal of the only run in a state directory, or "".
func journalIn(dir string) string {
	found, _ := filepath.Glob(filepath.Join(dir, "muster", "runs", "*.jsonl"))
	if len(found) == 0 {
		return ""
	}
	return found[0]
}
