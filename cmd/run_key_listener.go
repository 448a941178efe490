package cmd

import (
	"context"
	"strings"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// keyListener tells who presses Enter while a run lasts who is still running.
type keyListener struct {
	control  *fleet.Control
	keyboard *term.Keyboard // nil where nobody can ask
	progress *term.Progress
	style    func() render.Style
}

// keyPollInterval is how often the keyboard is looked at: as often as the display changes.
const keyPollInterval = 100 * time.Millisecond

// start attends until the function that it gives is called.
func (o *keyListener) start() (end func()) {
	if o.keyboard == nil || !o.progress.Draws() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.listen(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (o *keyListener) listen(ctx context.Context) {
	ticks := time.NewTicker(keyPollInterval)
	defer ticks.Stop()
	asked := false
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks.C:
			if asked = asked || o.keyboard.Entered(); asked {
				asked = !o.showRunning(now)
			}
		}
	}
}

// showRunning is false while something moves the state.
func (o *keyListener) showRunning(now time.Time) bool {
	var text strings.Builder
	looked := o.control.Look(func(s *fleet.State) {
		_ = render.WriteUnderWay(&text, o.style(), s, now) // into memory
	})
	if looked {
		o.progress.Answer(text.String())
	}
	return looked
}
