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
	indent     = "  " // as wide as the spinner and the space after it
)

func cursorUp(lines int) string {
	if lines == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA", lines)
}

// frameLines returns the lines to draw, fitted into the current size of the terminal. The last column stays free because some
// terminals wrap when it is filled. The last row stays free because the cursor could not return from it.
func (p *Progress) frameLines() []string {
	follow := p.lines.Load()
	if follow == nil {
		return nil
	}
	columns := p.streams.drawWidth(p.terminal) - len(indent) - 1
	lines := (*follow)(columns)
	if _, rows, err := term.GetSize(int(p.terminal.Fd())); err == nil && rows > 0 {
		lines = lines[:min(len(lines), max(1, rows-1))]
	}
	fitted := make([]string, len(lines))
	for i, line := range lines {
		fitted[i] = cut(strings.NewReplacer("\n", " ", "\t", " ").Replace(line), columns)
	}
	return fitted
}

// cut truncates text to a number of columns, with an ellipsis if there is room for one.
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

// draw writes the lines around the place of the spinner, which puts its character at the beginning of the first one. It leaves
// the cursor there. The lines are not the spinner's suffix, because the spinner counts bytes instead of columns to find out how
// many lines it has to erase.
func (p *Progress) draw(lines []string) {
	if p.drawn = inForeground(p.terminal); !p.drawn {
		return
	}
	p.below = max(0, len(lines)-1)
	frame := hideCursor + "\r" + indent + strings.Join(lines, clearRight+"\r\n"+indent)
	p.write(frame + clearRight + clearBelow + cursorUp(p.below))
}

// erase removes the frame, from its second line downwards and then the first: tmux moves a screen that is cleared as a whole into
// its scroll-back.
func (p *Progress) erase() {
	switch {
	case !p.drawn:
		return
	case p.below > 0:
		p.write(clearLine + "\r\n" + clearBelow + cursorUp(1) + showCursor)
	default:
		p.write(clearLine + showCursor)
	}
	p.drawn = false
}

// foreground is a terminal that ignores what is written while this process is in the background.
type foreground struct{ *os.File }

func (f foreground) Write(text []byte) (int, error) {
	if !inForeground(f.File) {
		return len(text), nil
	}
	return f.File.Write(text)
}
