//go:build unix

package runner

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// pipeCapacity is how much a pipe can hold, unless its capacity has been raised.
const pipeCapacity = 64 << 10

// capture reads a script's output from a pipe of its own. The goroutine and WaitDelay of exec.Cmd are not used: on a busy
// machine, the goroutine may not have run before the delay ends, and output that has arrived would be lost.
type capture struct {
	reader *os.File
	writer *os.File // the script's end; closed when the script has started
	out    *Output
	copied chan error
}

func newCapture(cmd *exec.Cmd, out *Output) (*capture, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe for the script's output: %w", err)
	}
	cmd.Stdout, cmd.Stderr = writer, writer
	return &capture{reader: reader, writer: writer, out: out, copied: make(chan error, 1)}, nil
}

// cancel closes the pipe. Call it instead of start if the script could not be started.
func (c *capture) cancel() {
	_ = c.writer.Close()
	_ = c.reader.Close()
}

// start starts reading. Call it when the script has started.
func (c *capture) start() {
	_ = c.writer.Close()
	go func() {
		_, err := c.out.ReadFrom(c.reader)
		c.copied <- err
	}()
}

// finish continues reading until the pipe is closed or the grace period ends: a child that the script left behind may hold the
// pipe open. Everything that has arrived by then is kept, even if there was no time to read it before.
func (c *capture) finish(grace time.Duration) error {
	defer func() { _ = c.reader.Close() }()
	if err := c.reader.SetReadDeadline(time.Now().Add(grace)); err != nil {
		return err
	}
	err := <-c.copied
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return c.drain()
	}
	return err
}

// drain reads what is in the pipe without waiting for more.
func (c *capture) drain() error {
	if err := c.reader.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	conn, err := c.reader.SyscallConn()
	if err != nil {
		return err
	}
	buf := make([]byte, pipeCapacity)
	return conn.Read(func(fd uintptr) bool {
		for drained := 0; drained < pipeCapacity; {
			n, err := unix.Read(int(fd), buf[:pipeCapacity-drained])
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if n <= 0 {
				break // end of file, or EAGAIN: the pipe is empty
			}
			_, _ = c.out.Write(buf[:n])
			drained += n
		}
		return true
	})
}
