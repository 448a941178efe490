package cmd

import (
	"context"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// heartbeat is how often a wait says how it stands where no terminal shows it: CI systems end jobs that are silent.
const heartbeat = time.Minute

// beat says how a run stands once a minute until the function that it returns is called. look reads the state, and is false
// while something moves it.
func beat(look func(func(*fleet.State)) bool, say func(text string)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	started := time.Now()
	go func() {
		defer close(done)
		wait := heartbeat
		for {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case now := <-timer.C:
				text := ""
				looked := look(func(s *fleet.State) { text = render.Standing(s, now.Sub(started), now) })
				if wait = heartbeat - now.Sub(started)%heartbeat; !looked {
					wait = attentive
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
