package runner

import (
	"os/exec"
	"time"
)

// capture leaves the output to exec.Cmd: pipes have no deadlines here.
type capture struct{}

func newCapture(cmd *exec.Cmd, out *Output) (*capture, error) {
	cmd.Stdout, cmd.Stderr = out, out
	return &capture{}, nil
}

func (*capture) abandon() {}

func (*capture) started() {}

func (*capture) finish(time.Duration) error { return nil }
