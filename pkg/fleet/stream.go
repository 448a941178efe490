package fleet

import (
	"strings"
	"unicode/utf8"
)

// longestLine is the length up to which an incomplete line is held back. A longer one is emitted in pieces.
const longestLine = 24 << 10

// stream is the part of one instance's output that has been emitted while its script runs.
type stream struct {
	secrets Secrets
	begun   string // when the script started; each run of a periodic invocation begins a stream
	seen    int64  // bytes of the output, from its beginning, that were seen or are known to be lost
	first   string // the beginning of the last output, at most maxHead bytes
	held    string // the incomplete line at the end of what was seen
}

// chunk is a part of an output.
type chunk struct {
	dropped int64  // the number of bytes missing before the text
	within  int64  // they may be missing anywhere within this number of bytes
	text    string // complete lines, except at the output's end, before missing bytes, and for a line that is too long
}

// take returns what is new in an output that may lack bytes. It holds back the last line unless the output has ended.
//
// The end of the given output is the end of the whole output, which determines its offset. Its beginning may be the whole
// output's, followed by the missing bytes: that is what it has in common with the previous beginning, and is not new.
func (s *stream) take(output string, dropped int64, ended bool) []chunk {
	total := dropped + int64(len(output))
	if ended && total < s.seen {
		*s = stream{secrets: s.secrets, begun: s.begun} // it is another output, and is new as a whole
	}
	var fragments []chunk
	if unseen := total - s.seen; unseen > 0 {
		head := commonPrefix(output, s.first)
		fresh := min(unseen, int64(len(output)-head))
		from := len(output) - int(fresh)
		text := output[from:]
		next := chunk{dropped: unseen - fresh}
		if next.dropped > 0 {
			upTo := head
			if head == len(s.first) { // more of the beginning may come before the missing bytes
				upTo = maxHead
				next.within = int64(min(len(output), maxHead) - head)
			}
			torn, lost := s.flush()
			if torn != "" {
				fragments = append(fragments, chunk{text: torn})
			}
			begins := max(s.secrets.tail(text), cutRune(text))
			next.dropped += int64(lost + begins)
			text = s.secrets.maskCutFrom(output, from+begins, upTo, ended)
		}
		s.seen, s.first = total, strings.Clone(output[:min(len(output), maxHead)])
		s.held += text
		if next.text = s.release(ended); next != (chunk{}) {
			fragments = append(fragments, next)
		}
	} else if text := s.release(ended); text != "" {
		fragments = append(fragments, chunk{text: text})
	}
	return fragments
}

// release returns what can be emitted of the text that is held.
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

// wholeLines returns the last end of a line in the held text that does not split a secret.
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

// flush returns the part of an incomplete line that can be emitted, and the number of bytes that cannot.
func (s *stream) flush() (text string, lost int) {
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

// wholeRunes returns the length of a text without an incomplete character at its end.
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

// cutRune returns the number of bytes at the beginning of a text that are the end of a character.
func cutRune(text string) int {
	n := 0
	for n < utf8.UTFMax-1 && n < len(text) && !utf8.RuneStart(text[n]) {
		n++
	}
	return n
}

// Lines returns the result as events of lines, for consumers that have seen none of it. The events have no time.
func (r *Result) Lines(site Site, invokeID string, secrets Secrets) []Event {
	s := &stream{secrets: secrets}
	fragments := s.take(string(r.Output), r.Dropped, r.InvocationStatus.Terminal())
	torn, _ := s.flush()
	var events []Event
	for _, p := range append(fragments, chunk{text: torn}) {
		if p != (chunk{}) {
			event := linesEvent(site, streamKey{invokeID, r.InstanceId}, p)
			secrets.mask(&event)
			events = append(events, event)
		}
	}
	return events
}

func linesEvent(site Site, key streamKey, p chunk) Event {
	return Event{
		Event: LinesEvent, Site: site, InvokeId: key.invokeID, InstanceId: key.instanceID,
		Output: Output(p.text), Dropped: p.dropped, DroppedWithin: p.within,
	}
}
