package cmd

import (
	"context"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// heartbeatInterval is how often a wait says how it stands where no terminal shows it: CI systems end jobs that are silent.
const heartbeatInterval = time.Minute

// startHeartbeat says how a run stands once a minute until the function that it returns is called. look reads the state, and is false
// while something moves it.
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
