//go:build unix

package runner

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestDrainAfterDeadline lets output arrive that could not be read before the deadline.
func TestDrainAfterDeadline(t *testing.T) {
	out := NewOutput(time.Now, Reporting{})
	c, err := newCapture(new(exec.Cmd), out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.writer.WriteString("hello\n"); err != nil {
		t.Fatal(err)
	}
	c.copied <- os.ErrDeadlineExceeded // the reader never ran, and a child holds the pipe open
	if err := c.finish(0); err != nil {
		t.Error(err)
	}
	if got := string(out.Bytes()); got != "hello\n" {
		t.Errorf("got %q", got)
	}
	_ = c.writer.Close()
}

// TestDrainOfEndlessOutput drains the pipe of a child that never stops writing.
func TestDrainOfEndlessOutput(t *testing.T) {
	out := NewOutput(time.Now, Reporting{})
	c, err := newCapture(new(exec.Cmd), out)
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for _, err := c.writer.WriteString("more\n"); err == nil; _, err = c.writer.WriteString("more\n") {
		}
	}()
	c.copied <- os.ErrDeadlineExceeded
	if err := c.finish(0); err != nil {
		t.Error(err)
	}
	<-stopped // the pipe's other end is closed
	_ = c.writer.Close()
}
