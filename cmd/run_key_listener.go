package cmd

import (
	"context"
	"strings"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// keyListener prints what is still running when the user presses Enter.
type keyListener struct {
	control  *fleet.Control
	keyboard *term.Keyboard // nil without a terminal
	progress *term.Progress
	style    func() render.Style
}

// keyPollInterval is the time between two looks at the keyboard, and between two changes of the display.
const keyPollInterval = 100 * time.Millisecond

// start listens until end is called.
func (l *keyListener) start() (end func()) {
	if l.keyboard == nil || !l.progress.Draws() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.listen(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (l *keyListener) listen(ctx context.Context) {
	ticks := time.NewTicker(keyPollInterval)
	defer ticks.Stop()
	asked := false
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks.C:
			if asked = asked || l.keyboard.Entered(); asked {
				asked = !l.showRunning(now)
			}
		}
	}
}

// showRunning prints what is running. It returns false while something changes the state.
func (l *keyListener) showRunning(now time.Time) bool {
	var text strings.Builder
	looked := l.control.Look(func(s *fleet.State) {
		_ = render.WriteUnderWay(&text, l.style(), s, now) // writes to memory cannot fail
	})
	if looked {
		l.progress.Answer(text.String())
	}
	return looked
}
