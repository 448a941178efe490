package cmd

import (
	"context"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// heartbeatInterval is the time between two lines about the state of a run without a terminal: CI systems end silent jobs.
const heartbeatInterval = time.Minute

// startHeartbeat prints the state of a run once a minute until end is called. look reads the state, and returns false while
// something changes it.
func startHeartbeat(look func(func(*fleet.State)) bool, say func(text string)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	started := time.Now()
	go func() {
		defer close(done)
		wait := heartbeatInterval
		for {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case now := <-timer.C:
				text := ""
				looked := look(func(s *fleet.State) { text = render.Standing(s, now.Sub(started), now) })
				if wait = heartbeatInterval - now.Sub(started)%heartbeatInterval; !looked {
					wait = keyPollInterval
				} else if text != "" {
					say(text)
				}
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}
