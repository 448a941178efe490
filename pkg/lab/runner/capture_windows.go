package runner

import (
	"os/exec"
	"time"
)

// capture leaves reading the output to exec.Cmd: here pipes have no deadlines.
type capture struct{}

func newCapture(cmd *exec.Cmd, out *Output) (*capture, error) {
	cmd.Stdout, cmd.Stderr = out, out
	return &capture{}, nil
}

func (*capture) cancel() {}

func (*capture) start() {}

func (*capture) finish(time.Duration) error { return nil }
