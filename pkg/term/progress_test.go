package term

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

func TestProgressWithoutTerminal(t *testing.T) {
	var out, stderr bytes.Buffer
	s := New(nil, &out, &stderr, nil)
	p := s.StartProgress()
	p.Follow(text("waiting"))
	p.Note("for a watcher")
	p.Println("one")
	p.Println("two\n")
	p.Do(func() { out.WriteString("data\n") })
	p.Stop()
	p.Println("three")
	p.Stop()
	if got := stderr.String(); got != "one\ntwo\nthree\n" {
		t.Errorf("got %q on standard error", got)
	}
	if got := out.String(); got != "data\n" {
		t.Errorf("got %q on standard output", got)
	}
}

func TestProgressFromManyGoroutines(t *testing.T) {
	var stderr bytes.Buffer
	p := New(nil, nil, &stderr, nil).StartProgress()
	use(p)
	p.Stop()
	if got := strings.Count(stderr.String(), "line\n"); got != users*rounds {
		t.Errorf("got %d lines, want %d", got, users*rounds)
	}
}

const users, rounds = 8, 50

// use calls every method of p concurrently.
func use(p *Progress) {
	var wg sync.WaitGroup
	for range users {
		wg.Go(func() {
			for range rounds {
				p.Follow(text("text"))
				p.Note("note")
				p.Println("line")
				p.Do(func() {})
			}
		})
	}
	wg.Wait()
}

// text returns a function that returns the same lines for any width.
func text(lines ...string) func(int) []string {
	return func(int) []string { return lines }
}
