#!/usr/bin/env bash
# A failed TryLock of gofrs/flock loses the shared lock that it should have upgraded, and RLocked still returns true.
#
# Expected: a TryLock that returns false changes nothing, so the shared lock remains. RLock on a locked Flock keeps the exclusive lock,
# or fails.
# What happens: Linux removes a lock before it tries to convert it, and does not restore it. The library does not know that: RLocked is
# true, and another TryRLock returns true without asking the system. A TryRLock on a locked Flock makes the lock shared. Locked and
# RLocked are then both true.
# Why it matters: a process that tries to become the writer goes on reading while another one writes. Use two files, or Unlock before
# the other kind of lock, and expect that somebody else was first.
. "$(dirname "$0")/prelude"

[ "$(uname)" = Linux ] || skip 'this is about flock of Linux'
program github.com/gofrs/flock@v0.13.1 <<'END'
package main

import (
	"fmt"
	"os"

	"github.com/gofrs/flock"
)

func show(what string, ok bool, err error) { fmt.Printf("  %-46s %v %v\n", what, ok, err) }

func main() {
	a, b, c := flock.New(os.Args[1]), flock.New(os.Args[1]), flock.New(os.Args[1])
	try := func(what string, f func() (bool, error)) {
		ok, err := f()
		show(what, ok, err)
	}
	state := func() { show("a.RLocked()", a.RLocked(), nil) }

	fmt.Println("an upgrade that fails")
	try("a.TryRLock()", a.TryRLock)
	try("b.TryRLock()", b.TryRLock)
	try("a.TryLock()", a.TryLock)
	show("b.Unlock()", true, b.Unlock())
	try("c.TryLock(), while a has its shared lock", c.TryLock)
	state()
	try("a.TryRLock(), while c has its exclusive lock", a.TryRLock)
	fmt.Println("a downgrade")
	show("a.Unlock(), c.Unlock()", true, fmt.Errorf("%v, %v", a.Unlock(), c.Unlock()))
	try("a.TryLock()", a.TryLock)
	try("a.TryRLock()", a.TryRLock)
	show("a.Locked()", a.Locked(), nil)
	try("b.TryRLock(), while a has its exclusive lock", b.TryRLock)
}
END
version "flock v0.13.1, $(go env GOVERSION)"
"$work/program" "$work/lock" | saw

same <<'END'
an upgrade that fails
  a.TryRLock()                                   true <nil>
  b.TryRLock()                                   true <nil>
  a.TryLock()                                    false <nil>
  b.Unlock()                                     true <nil>
  c.TryLock(), while a has its shared lock       true <nil>
  a.RLocked()                                    true <nil>
  a.TryRLock(), while c has its exclusive lock   true <nil>
a downgrade
  a.Unlock(), c.Unlock()                         true <nil>, <nil>
  a.TryLock()                                    true <nil>
  a.TryRLock()                                   true <nil>
  a.Locked()                                     true <nil>
  b.TryRLock(), while a has its exclusive lock   true <nil>
END
