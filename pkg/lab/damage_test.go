//go:build unix

package lab

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// TestDamagedData checks that a lab with a damaged file does not open, and returns a DamagedError.
func TestDamagedData(t *testing.T) {
	whole := labFile(t)
	half := len(whole) / 2
	scattered := func(bytes int) func([]byte) []byte {
		return func(file []byte) []byte {
			rng := rand.New(rand.NewPCG(1, uint64(bytes)))
			for range bytes {
				file[rng.IntN(len(file))] = byte(rng.Uint32())
			}
			return file
		}
	}
	for name, damage := range map[string]func([]byte) []byte{
		"another file":               func([]byte) []byte { return bytes.Repeat([]byte("not a database\n"), 1000) },
		"a byte":                     func(file []byte) []byte { return file[:1] },
		"the first pages":            func(file []byte) []byte { return file[:3*os.Getpagesize()] },
		"the first half":             func(file []byte) []byte { return file[:half] },
		"zeros at the end":           func(file []byte) []byte { clear(file[half:]); return file },
		"zeros after the meta pages": func(file []byte) []byte { clear(file[2*os.Getpagesize():]); return file },
		"a quarter at random":        scattered(len(whole) / 4),
		"everything at random":       scattered(len(whole)),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, keep.FileName), damage(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			l, err := New(Options{Data: dir})
			if err == nil {
				_ = l.Close()
				t.Fatal("New opened it")
			}
			damaged, ok := errors.AsType[*keep.DamagedError](err)
			if !ok || damaged.Err == nil || !strings.Contains(err.Error(), "delete it to start afresh") {
				t.Error(err)
			}
		})
	}
}

// TestDamageWhileRunning damages the file of a running lab: every call fails from then on, and the process does not crash.
func TestDamageWhileRunning(t *testing.T) {
	dir := t.TempDir()
	l, err := New(Options{Data: dir, Instances: NumberedInstances(1)})
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, l)
	if err := os.Truncate(filepath.Join(dir, keep.FileName), 0); err != nil {
		t.Fatal(err)
	}
	_, err = c.RunCommand(t.Context(), shell("true"))
	wantRefused(t, err, "500 InternalError")
	if _, ok := errors.AsType[*keep.DamagedError](l.Close()); !ok || len(l.Executions()) != 0 {
		t.Errorf("Close did not report the damage, or scripts have run: %d", len(l.Executions()))
	}
}

// labFile returns the compacted file of a lab that has run some commands. Free pages are left out, because damage to them has
// no effect.
func labFile(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	l, err := New(Options{Data: dir, Instances: NumberedInstances(20)})
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, l)
	for range 20 {
		c.settle(c.submit(&assist.RunCommandRequest{
			RegionId: "cn-hangzhou", Type: "RunShellScript", CommandContent: "# " + strings.Repeat("x", 4000), InstanceId: []string{nth(1)},
		}))
	}
	file, err := os.ReadFile(filepath.Join(crash(t, l), keep.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestLaterFormat checks that data of a later version is refused, and not called damaged.
func TestLaterFormat(t *testing.T) {
	dir := t.TempDir()
	db, err := keep.Open(dir, kinds()...)
	if err != nil {
		t.Fatal(err)
	}
	db.Write(keep.Set(ofLab, identityKey, map[string]int{"Format": dataFormat + 1}))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = New(Options{Data: dir})
	if _, damaged := errors.AsType[*keep.DamagedError](err); err == nil || damaged || !strings.Contains(err.Error(), "another version of muster: format 2, not 1") {
		t.Error(err)
	}
}

// failingStorage is a storage whose disk is full.
type failingStorage struct {
	keep.NoStorage
	failed chan struct{}
}

var errFull = errors.New("the disk is full")

func (s failingStorage) Flush() error            { return errFull }
func (s failingStorage) Failed() <-chan struct{} { return s.failed }
func (s failingStorage) Close() error            { return errFull }

// TestNoResponseWithoutStorage checks that a lab whose storage fails refuses calls.
func TestNoResponseWithoutStorage(t *testing.T) {
	l, err := New(Options{Instances: NumberedInstances(1)})
	if err != nil {
		t.Fatal(err)
	}
	broken := failingStorage{failed: make(chan struct{})}
	close(broken.failed)
	l.storage, l.own.store.storage, l.tokens.storage = broken, broken, broken
	c := open(t, l)
	_, err = c.RunCommand(t.Context(), shell("true"))
	wantRefused(t, err, "500 InternalError")
	<-l.Failed()
	if err := l.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close returned %v", err)
	}
	if n := len(l.Executions()); n != 0 {
		t.Errorf("%d executions", n)
	}
}
