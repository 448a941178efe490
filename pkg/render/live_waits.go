package render

import (
	"fmt"
	"time"

	"muster/pkg/assist"
)

// longWait is the number of failed tries of a call, about ten seconds after the first, from which a terminal shows the wait.
const longWait = 5

// Waits returns a line for each action whose calls wait after failures, with the reason, the number of tries and the time of
// the next.
func Waits(waits []assist.Waiting, style Style, now time.Time) []string {
	var lines []string
	for _, w := range waits {
		if w.Tries < longWait && w.Until.Sub(now) < 10*time.Second {
			continue
		}
		again := max(0, w.Until.Sub(now)).Round(time.Second)
		text := fmt.Sprintf("%s waits, again in %s, after %s: %s", w.Request.Action(), again, tries(w.Tries), cell(w.Err.Error()))
		lines = append(lines, style.Paint.Warn(text))
	}
	return lines
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}
