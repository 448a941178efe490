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
	p.Update("waiting")
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

// use has every method of p called at the same time.
func use(p *Progress) {
	var wg sync.WaitGroup
	for range users {
		wg.Go(func() {
			for range rounds {
				p.Update("text")
				p.Note("note")
				p.Println("line")
				p.Do(func() {})
			}
		})
	}
	wg.Wait()
}

// TestSpinnerErasesNothingAbove holds what eraseAbove says against what the spinner can send.
func TestSpinnerErasesNothingAbove(t *testing.T) {
	var stderr bytes.Buffer
	p := New(nil, nil, &stderr, nil).StartProgress()
	defer p.Stop()
	sent := "\r\x1b[K\x1b[F\x1b[K\x1b[F\x1b[K"
	n, err := frames{p}.Write([]byte(sent))
	if n != len(sent) || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if got := stderr.String(); got != "\r\x1b[K" {
		t.Errorf("got %q", got)
	}
}
