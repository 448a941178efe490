//go:build unix

package runner

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestStarvedReaderLosesNothing has output arrive that nobody had the time to read before the deadline.
func TestStarvedReaderLosesNothing(t *testing.T) {
	out := NewOutput(time.Now)
	c, err := newCapture(new(exec.Cmd), out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.writer.WriteString("hello\n"); err != nil {
		t.Fatal(err)
	}
	c.copied <- os.ErrDeadlineExceeded // the reader never had a turn, and a child still holds the pipe
	if err := c.finish(0); err != nil {
		t.Error(err)
	}
	if got := string(out.Bytes()); got != "hello\n" {
		t.Errorf("got %q", got)
	}
	_ = c.writer.Close()
}

// TestDrainEnds has a child that never stops writing.
func TestDrainEnds(t *testing.T) {
	out := NewOutput(time.Now)
	c, err := newCapture(new(exec.Cmd), out)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for _, err := c.writer.WriteString("more\n"); err == nil; _, err = c.writer.WriteString("more\n") {
		}
	}()
	c.copied <- os.ErrDeadlineExceeded
	if err := c.finish(0); err != nil {
		t.Error(err)
	}
	<-ended // the pipe's other end is closed
	_ = c.writer.Close()
}
