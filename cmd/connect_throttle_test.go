package cmd

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func TestThrottleNotesAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "flights", "account")
		one, other := &throttleNotes{dir}, &throttleNotes{dir}
		if _, _, ok := other.Latest("RunCommand"); ok {
			t.Error("there is a note before one was made")
		}
		one.Throttled("RunCommand", 4)
		if limit, at, ok := other.Latest("RunCommand"); !ok || limit != 4 || !at.Equal(time.Now()) {
			t.Errorf("%d, %s, %v", limit, at, ok)
		}
		if _, _, ok := other.Latest("InvokeCommand"); ok {
			t.Error("the note is taken for another action's")
		}
		if info, err := os.Stat(other.path("RunCommand")); err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
			t.Errorf("%v, %v", info, err)
		}
		time.Sleep(noteLasts)
		if _, _, ok := other.Latest("RunCommand"); ok {
			t.Error("a note of the last minute but one counts")
		}
	})
}

func TestBrokenThrottleNotesAreIgnored(t *testing.T) {
	dir := t.TempDir()
	notes := &throttleNotes{dir}
	for _, text := range []string{"", "{", `{"Limit":-1,"Time":"2999-01-01T00:00:00Z"}`, `{"Limit":3,"Time":"2999-01-01T00:00:00Z"}`, `[]`} {
		if err := os.WriteFile(notes.path("RunCommand"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if limit, _, ok := notes.Latest("RunCommand"); ok {
			t.Errorf("%q allows %d calls", text, limit)
		}
	}
	(&throttleNotes{filepath.Join(dir, "RunCommand.json")}).Throttled("RunCommand", 2) // a path where no directory can be made
}
