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

// pipeCapacity is how much can wait in a pipe, as long as nobody asks the system for more.
const pipeCapacity = 64 << 10

// capture takes a script's output out of a pipe of its own. exec.Cmd's way, a writer and a WaitDelay, gives up on a reader
// that had no turn on a busy machine, and with it on what had arrived.
type capture struct {
	reader *os.File
	writer *os.File // the script's end, until it has been started
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

// abandon is for a script that could not be started.
func (c *capture) abandon() {
	_ = c.writer.Close()
	_ = c.reader.Close()
}

// started begins to read.
func (c *capture) started() {
	_ = c.writer.Close()
	go func() {
		_, err := c.out.ReadFrom(c.reader)
		c.copied <- err
	}()
}

// finish reads on for a while after the script's end, for a child that it left behind may hold the pipe open, and then
// takes what has arrived, whether there was time to read it or not.
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

// drain takes what is in the pipe and waits for nothing.
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
		for taken := 0; taken < pipeCapacity; {
			n, err := unix.Read(int(fd), buf[:pipeCapacity-taken])
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if n <= 0 {
				break // EAGAIN: nothing is there; or the end
			}
			_, _ = c.out.Write(buf[:n])
			taken += n
		}
		return true
	})
}
