//go:build unix

package lab

import (
	"fmt"
	"testing"

	"go.etcd.io/bbolt"
)

func transactions(t *testing.T, db *database) (n int) {
	t.Helper()
	if err := db.bolt.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWritersShareATransaction has changes come while the database is busy, as many calls at once do.
func TestWritersShareATransaction(t *testing.T) {
	db, err := openDatabase(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.close()
	before := transactions(t, db)
	release := db.hold()
	for i := range 20 {
		db.write(change{ofCommand, fmt.Sprint(i), i})
	}
	if n := transactions(t, db) - before; n != 0 {
		t.Errorf("%d transactions while a call was under way", n)
	}
	release()
	if err := db.flush(); err != nil {
		t.Fatal(err)
	}
	if n := transactions(t, db) - before; n != 1 {
		t.Errorf("%d transactions, want 1", n)
	}
}

// TestNothingIsAnsweredThatIsNotKept breaks a lab's database.
func TestNothingIsAnsweredThatIsNotKept(t *testing.T) {
	l, err := New(Options{Data: t.TempDir(), Instances: Fleet(1)})
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, l)
	if err := l.keep.(*database).bolt.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = c.RunCommand(t.Context(), shell("true"))
	wantRefused(t, err, "500 InternalError")
	<-l.Failed()
	if err := l.Close(); err == nil {
		t.Error("closing it says nothing of it")
	}
	if n := len(l.Executions()); n != 0 {
		t.Errorf("%d executions", n)
	}
}
