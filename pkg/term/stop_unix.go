//go:build linux || darwin

package term

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// leaveOnStop gives the line and the cursor back before Ctrl-Z stops the process. The next frame after fg is drawn anew.
// It works until the function that it gives is called. Go cannot restore what SIGTSTP does by itself, so the process is
// stopped by SIGSTOP; but not in the group of its session's leader, which no shell would have go on.
func (p *Progress) leaveOnStop() (end func()) {
	stops := make(chan os.Signal, 1)
	signal.Notify(stops, unix.SIGTSTP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range stops {
			p.do(func() {
				p.erase()
				if leader, err := unix.Getsid(0); err == nil && leader != unix.Getpgrp() {
					_ = unix.Kill(os.Getpid(), unix.SIGSTOP) // returns when somebody has it go on
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
