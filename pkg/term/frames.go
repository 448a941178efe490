package term

import (
	"fmt"
	"os"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"golang.org/x/term"
)

const (
	clearRight = "\x1b[K"
	clearLine  = "\r" + clearRight
	clearBelow = "\x1b[J"
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	// eraseLine is what the spinner sends before each frame; on old consoles it sends spaces. A frame clears what it does not
	// fill, which does not flicker. What may follow here erases lines above: the spinner counts bytes, not columns, and takes
	// the width of standard input.
	eraseLine = "\r\x1b[K"
	indent    = "  " // as wide as the spinner and the space behind it
)

func cursorUp(lines int) string {
	if lines == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA", lines)
}

// compose gives the text behind the spinner and the lines below, fitted into a terminal as wide and as high as it is now.
// The last column stays free, for there are terminals that wrap when it is filled, and so does the last line, where the
// cursor would not come back from.
func (p *Progress) compose(f *os.File) (first string, below []string) {
	follow := p.lines.Load()
	if follow == nil {
		return clearRight, nil
	}
	columns := p.streams.drawWidth(f) - len(indent) - 1
	lines := (*follow)(columns)
	if _, rows, err := term.GetSize(int(f.Fd())); err == nil && rows > 0 {
		lines = lines[:min(len(lines), max(1, rows-1))]
	}
	for i, line := range lines {
		line = cut(strings.NewReplacer("\n", " ", "\t", " ").Replace(line), columns) + clearRight
		if i == 0 {
			first = " " + line
		} else {
			below = append(below, indent+line)
		}
	}
	if first == "" {
		first = clearRight
	}
	return first, below
}

// cut shortens text to a number of columns and shows that it did, where there is room for it.
func cut(text string, columns int) string {
	const mark = "..."
	painted := displaywidth.Options{ControlSequences: true}
	switch {
	case columns <= 0:
		return ""
	case columns <= 2*len(mark):
		return painted.TruncateString(text, columns, "")
	default:
		return painted.TruncateString(text, columns, mark)
	}
}

// frames takes what the spinner draws to the goroutine that owns the terminal.
type frames struct {
	p *Progress
	f *os.File
}

func (f frames) Write(text []byte) (int, error) {
	if frame := string(text); !strings.HasPrefix(frame, eraseLine) && strings.TrimSpace(frame) != "" {
		for _, line := range f.p.below {
			frame += "\r\n" + line
		}
		frame = hideCursor + frame + clearBelow + cursorUp(len(f.p.below)) + "\r"
		f.p.do(func() {
			if inForeground(f.f) {
				f.p.draw(frame)
			} else {
				f.p.drawn = "" // the terminal is somebody else's meanwhile
			}
		})
	}
	return len(text), nil
}

// draw puts a frame where the cursor is, which it gives back at the frame's beginning.
func (p *Progress) draw(frame string) {
	p.drawn = frame
	if frame != "" {
		p.write(frame)
	}
}

// erase takes the frame away that stands there. What is below the first line is cleared from there on: tmux takes a screen
// that is cleared as a whole for one to be kept, and puts it into the scroll-back.
func (p *Progress) erase() {
	switch {
	case strings.Contains(p.drawn, "\n"):
		p.write(clearLine + "\r\n" + clearBelow + cursorUp(1) + showCursor)
	case p.drawn != "":
		p.write(clearLine + showCursor)
	}
	p.drawn = ""
}
