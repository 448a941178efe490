package fleet

import (
	"strings"
	"unicode/utf8"
)

const (
	// headKept is how much of an output may stay at its front when more was written than is kept: what the agent had sent
	// while the script ran. The service does not say how much that is.
	headKept = 6000
	// longestLine is what of a line is held until its end comes. A longer one is told in pieces.
	longestLine = 24 << 10
)

// stream is how much of one instance's output has been told while its script runs.
type stream struct {
	secrets Secrets
	begun   string // when the script started, in a periodic invocation, where each run begins a stream
	seen    int64  // bytes of the output, from its beginning on, that were seen or are known to be lost
	first   string // what the output last began with, at most headKept
	held    string // the end of what was seen, which waits for its line's end
}

// piece is what is told of an output at a time.
type piece struct {
	dropped int64  // bytes that are missing before the text, as nobody can tell them any more
	within  int64  // or anywhere in so many bytes that follow
	text    string // whole lines, but at the output's end, before bytes that are missing, and of a line that is too long
}

// take gives what is new in an output that lacks some bytes. Its last line is held back unless the output has ended.
//
// What is at hand ends where the output ends, so that its end's place is known. Its beginning may be the output's own, with
// the missing bytes behind it: that is what it has in common with what the output began with before, and is not new.
func (s *stream) take(output string, dropped int64, ended bool) []piece {
	total := dropped + int64(len(output))
	if ended && total < s.seen {
		*s = stream{secrets: s.secrets, begun: s.begun} // it is another output than was seen, and is told as a whole
	}
	var pieces []piece
	if unseen := total - s.seen; unseen > 0 {
		head := commonPrefix(output, s.first)
		fresh := min(unseen, int64(len(output)-head))
		from := len(output) - int(fresh)
		text := output[from:]
		next := piece{dropped: unseen - fresh}
		if next.dropped > 0 {
			upTo := head
			if head == len(s.first) { // more of the beginning may follow before what is missing
				upTo = longestBeginning
				next.within = int64(min(len(output), headKept) - head)
			}
			torn, lost := s.tear()
			if torn != "" {
				pieces = append(pieces, piece{text: torn})
			}
			begins := max(s.secrets.tail(text), cutRune(text))
			next.dropped += int64(lost + begins)
			text = s.secrets.maskCutFrom(output, from+begins, upTo, ended)
		}
		s.seen, s.first = total, strings.Clone(output[:min(len(output), headKept)])
		s.held += text
		if next.text = s.release(ended); next != (piece{}) {
			pieces = append(pieces, next)
		}
	} else if text := s.release(ended); text != "" {
		pieces = append(pieces, piece{text: text})
	}
	return pieces
}

// release takes what can be told out of what is held.
func (s *stream) release(ended bool) string {
	at := len(s.held)
	if !ended {
		at = s.wholeLines()
		if len(s.held)-at > longestLine {
			at = s.secrets.cut(s.held, wholeRunes(s.held))
		}
	}
	text := s.held[:at]
	s.held = strings.Clone(s.held[at:])
	return text
}

// wholeLines is the last end of a line in what is held that no secret stands across.
func (s *stream) wholeLines() int {
	at := strings.LastIndexByte(s.held, '\n') + 1
	for {
		safe := s.secrets.cut(s.held, at)
		if safe == at {
			return at
		}
		at = strings.LastIndexByte(s.held[:safe], '\n') + 1
	}
}

// tear takes a line that nobody will tell the end of, as far as it can be told, and counts the bytes that cannot.
func (s *stream) tear() (text string, lost int) {
	at := s.secrets.cut(s.held, wholeRunes(s.held))
	text, lost = s.held[:at], len(s.held)-at
	s.held = ""
	return text, lost
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// wholeRunes is how much of a text stands before a character that is cut at the end.
func wholeRunes(text string) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if at := len(text) - n; utf8.RuneStart(text[at]) {
			if !utf8.FullRuneInString(text[at:]) {
				return at
			}
			break
		}
	}
	return len(text)
}

// cutRune is how much of a text is the end of a character that is cut at the beginning.
func cutRune(text string) int {
	n := 0
	for n < utf8.UTFMax-1 && n < len(text) && !utf8.RuneStart(text[n]) {
		n++
	}
	return n
}
