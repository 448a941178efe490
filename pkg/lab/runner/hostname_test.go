//go:build unix

package runner

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestHostname(t *testing.T) {
	own, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	b := newTestRunner(t)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 20 {
				name := fmt.Sprintf("host-%d-%d", worker, i)
				s := b.script("hostname; echo $HOSTNAME; sleep 0.01; hostname")
				s.Path, s.Hostname = filepath.Join(b.dir, name), name
				if got, want := b.output(t, s), name+"\n"+name+"\n"+name+"\n"; got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
	if got := b.output(t, b.script("hostname")); got != own+"\n" {
		t.Errorf("without a name: %q, want the lab's, %q", got, own)
	}
	if now, _ := os.Hostname(); now != own {
		t.Errorf("the lab's own host name is now %q", now)
	}
}

func TestHostnameChangedByScript(t *testing.T) {
	b := newTestRunner(t)
	if !b.starter.setsHostnames {
		t.Skip("setting host names is not permitted here")
	}
	own, _ := os.Hostname()
	s := b.script("uname -n; hostname changed; uname -n")
	s.Hostname = "instance"
	if got := b.output(t, s); got != "instance\nchanged\n" {
		t.Errorf("%q", got)
	}
	s.Content, s.Hostname = []byte("hostname changed; uname -n"), ""
	if got := b.output(t, s); got != "changed\n" {
		t.Errorf("%q", got)
	}
	if now, _ := os.Hostname(); now != own {
		t.Errorf("the lab's own host name is now %q", now)
	}
}

func TestHostnameCommand(t *testing.T) {
	system := t.TempDir()
	if err := writeExecutable(filepath.Join(system, "hostname"), []byte("#!/bin/sh\necho system \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", system+":"+os.Getenv("PATH"))
	dir := t.TempDir()
	b := &testRunner{newRunner(newStarter(false), filepath.Join(dir, "b i'n"), newProcessGroups(t.Name())), dir}
	defer b.Close()
	s := b.script("hostname; hostname -f 'a b'; unset HOSTNAME; hostname")
	s.Hostname = "instance"
	if got := b.output(t, s); got != "instance\nsystem -f a b\nsystem\n" {
		t.Errorf("%q", got)
	}

	t.Setenv("PATH", filepath.Dir(b.shell)+"x")
	without := t.TempDir()
	if err := installHostname(without); err != nil {
		t.Fatal(err)
	}
	s = b.script(filepath.Join(without, "hostname") + "; HOSTNAME= " + filepath.Join(without, "hostname") + " 2>/dev/null || echo $?")
	s.Hostname = "instance"
	if got := b.output(t, s); got != "instance\n127\n" {
		t.Errorf("%q", got)
	}
}

func TestHostnameCommandCannotBeInstalled(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	b := &testRunner{newRunner(newStarter(false), filepath.Join(file, "bin"), newProcessGroups(t.Name())), dir}
	defer b.Close()
	s := b.script("hostname")
	s.Hostname = "instance"
	if o := b.Run(t.Context(), s, NewOutput(time.Now, Reporting{})); o.End != Broken || o.Err == nil {
		t.Errorf("%+v", o)
	}
}
