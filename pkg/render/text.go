package render

import (
	"strings"

	"muster/pkg/fleet"
)

// Text is an output in documents. An output that is known and empty has only the key Output.
type Text struct {
	Output       string // with U+FFFD for each byte that is not part of valid UTF-8
	OutputBase64 []byte `json:",omitempty"` // all bytes, if they are not valid UTF-8
	OutputError  string `json:",omitempty"` // why the output is not known
}

func textOf(output fleet.Output) Text {
	if text, ok := output.Text(); ok {
		return Text{Output: text}
	}
	return Text{Output: string([]rune(string(output))), OutputBase64: []byte(output)}
}

// bytes returns the output as received.
func (t Text) bytes() fleet.Output {
	if t.OutputBase64 != nil {
		return fleet.Output(t.OutputBase64)
	}
	return fleet.Output(t.Output)
}

// lastLines returns the end of a text, at most size bytes, beginning with a whole line if that leaves more than half, and the
// number of bytes before it.
func lastLines(text string, size int) (end string, before int) {
	if len(text) <= size {
		return text, 0
	}
	before = len(text) - max(size, 0)
	for before < len(text) && text[before]&0xc0 == 0x80 {
		before++
	}
	if at := strings.IndexByte(text[before:], '\n') + 1; at > 0 && at < size/2 {
		before += at
	}
	return text[before:], before
}
