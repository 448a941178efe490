package cmd

import (
	"context"
	"strings"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// onlooker tells who presses Enter while a run lasts who is still running.
type onlooker struct {
	control  *fleet.Control
	keyboard *term.Keyboard // nil where nobody can ask
	progress *term.Progress
	style    func() render.Style
}

// attentive is how often the keyboard is looked at: as often as the display changes.
const attentive = 100 * time.Millisecond

// begin attends until the function that it gives is called.
func (o *onlooker) begin() (end func()) {
	if o.keyboard == nil || !o.progress.Draws() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.attend(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (o *onlooker) attend(ctx context.Context) {
	ticks := time.NewTicker(attentive)
	defer ticks.Stop()
	asked := false
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks.C:
			if asked = asked || o.keyboard.Entered(); asked {
				asked = !o.answer(now)
			}
		}
	}
}

// answer is false while something moves the state.
func (o *onlooker) answer(now time.Time) bool {
	var text strings.Builder
	looked := o.control.Look(func(s *fleet.State) {
		_ = render.WriteUnderWay(&text, o.style(), s, now) // into memory
	})
	if looked {
		o.progress.Answer(text.String())
	}
	return looked
}
