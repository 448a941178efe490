//go:build linux || darwin

package term

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// leaveOnStop erases the frame and shows the cursor before Ctrl-Z stops the process. After fg the next frame is drawn anew. It
// works until the returned function is called. Go cannot restore the default action of SIGTSTP, so the process stops itself with
// SIGSTOP, but not in the process group of its session's leader, which no shell would continue.
func (p *Progress) leaveOnStop() (end func()) {
	stops := make(chan os.Signal, 1)
	signal.Notify(stops, unix.SIGTSTP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range stops {
			p.exclusively(func() {
				p.erase()
				if leader, err := unix.Getsid(0); err == nil && leader != unix.Getpgrp() {
					_ = unix.Kill(os.Getpid(), unix.SIGSTOP) // returns when the process is continued
				}
			})
		}
	}()
	return func() {
		signal.Stop(stops)
		close(stops)
		<-ended
	}
}
