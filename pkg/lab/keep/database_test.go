//go:build unix

package keep

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"
)

func transactions(t *testing.T, db *Database) (n int) {
	t.Helper()
	if err := db.bolt.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWritersShareATransaction writes changes while the database is busy, as concurrent calls do.
func TestWritersShareATransaction(t *testing.T) {
	db, err := Open(t.TempDir(), "kind")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	before := transactions(t, db)
	release := db.Hold()
	for i := range 20 {
		db.Write(Change{"kind", fmt.Sprint(i), i})
	}
	if n := transactions(t, db) - before; n != 0 {
		t.Errorf("%d transactions while a call was in progress", n)
	}
	release()
	if err := db.Flush(); err != nil {
		t.Fatal(err)
	}
	if n := transactions(t, db) - before; n != 1 {
		t.Errorf("%d transactions, want 1", n)
	}
}

// TestFailure closes the file of a database that is in use.
func TestFailure(t *testing.T) {
	db, err := Open(t.TempDir(), "kind")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.bolt.Close(); err != nil {
		t.Fatal(err)
	}
	db.Write(Change{"kind", "key", 1})
	if err := db.Flush(); err == nil {
		t.Error("Flush reported success for a change that is not durable")
	}
	<-db.Failed()
	if err := db.Close(); err == nil {
		t.Error("Close did not report the failure")
	}
}

func TestCopyTo(t *testing.T) {
	db, err := Open(t.TempDir(), "kind")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.Write(Change{"kind", Key(1, 2), "one"}, Change{"kind", Key(3), "two"}, Change{"kind", Key(1, 2), nil})
	if err := db.Flush(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := db.CopyTo(filepath.Join(dir, FileName)); err != nil {
		t.Fatal(err)
	}
	copied, err := Open(dir, "kind")
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	got := map[string]string{}
	err = ReadAll(copied, "kind", func(key string, record *string) error { got[key] = *record; return nil })
	if want := map[string]string{Key(3): "two"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
}

// TestCopyToDuringWrites copies a database that grows and whose records change. Every copy must be of one state.
func TestCopyToDuringWrites(t *testing.T) {
	db, err := Open(t.TempDir(), "kind")
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for round := 0; ; round++ {
			select {
			case <-stop:
				return
			default:
			}
			changes := []Change{{"kind", "length", round}}
			for i := range 50 + round%100 {
				changes = append(changes, Change{"kind", Key(uint64(i)), strings.Repeat(strconv.Itoa(round), 100)})
			}
			db.Write(changes...)
			if err := db.Flush(); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 30 {
		copied := filepath.Join(t.TempDir(), FileName)
		if err := db.CopyTo(copied); err != nil {
			t.Fatal(err)
		}
		wantOneState(t, filepath.Dir(copied))
	}
	close(stop)
	writing.Wait()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func wantOneState(t *testing.T, dir string) {
	t.Helper()
	db, err := Open(dir, "kind")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	got := map[string]string{}
	if err := ReadAll(db, "kind", func(key string, record *json.RawMessage) error { got[key] = string(*record); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 { // copied before the first write
		return
	}
	for i := range 50 {
		if want := strconv.Quote(strings.Repeat(got["length"], 100)); got[Key(uint64(i))] != want {
			t.Errorf("%d: %s, want %s", i, got[Key(uint64(i))], want)
		}
	}
}
