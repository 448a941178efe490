package assist

import (
	"bytes"
	"encoding/base64"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// outputReader forwards a response without its outputs. It replaces each output that is Base64 with an empty string, and decodes it
// while it arrives: parsing it as JSON first would take longer than decoding it, and need memory for all of it. The offset of its end
// in the forwarded data identifies such an empty string.
type outputReader struct {
	from    io.Reader
	buffer  []byte
	rest    []byte           // the part of buffer that is not yet processed
	err     error            // of from
	ready   []byte           // to be forwarded unchanged
	passed  int64            // the number of forwarded bytes
	inside  bool             // whether rest is inside an output
	output  []byte           // the decoded part of that output
	outputs map[int64]string // decoded outputs by the offset of their end
}

// The buffer is small until an output does not fit.
const (
	firstBuffer  = 4 << 10
	outputBuffer = 32 << 10
)

// outputKey precedes an output. It cannot occur inside a string, where its quotation marks would be escaped.
const outputKey = `"Output":"`

func newOutputReader(from io.Reader) *outputReader {
	return &outputReader{from: from, buffer: make([]byte, firstBuffer), outputs: map[int64]string{}}
}

func (o *outputReader) Read(p []byte) (int, error) {
	for len(o.ready) == 0 {
		if o.inside {
			o.decode()
		} else {
			o.find()
		}
		if len(o.ready) > 0 {
			break
		}
		if o.err != nil {
			return 0, o.err
		}
		o.fill()
	}
	n := copy(p, o.ready)
	o.ready = o.ready[n:]
	o.passed += int64(n)
	return n, nil
}

// fill reads more data after rest.
func (o *outputReader) fill() {
	buffer := o.buffer
	if o.inside && len(buffer) < outputBuffer {
		buffer = make([]byte, outputBuffer)
	}
	held := copy(buffer, o.rest)
	o.buffer = buffer
	n, err := o.from.Read(o.buffer[held:])
	o.rest, o.err = o.buffer[:held+n], err
}

// find forwards the data before the next output, except for an end of rest that may contain the start of outputKey.
func (o *outputReader) find() {
	if at := bytes.Index(o.rest, []byte(outputKey)); at >= 0 {
		begin := at + len(outputKey)
		o.ready, o.rest = o.rest[:begin-len(`"`)], o.rest[begin:]
		o.inside, o.output = true, o.output[:0]
		return
	}
	upTo := len(o.rest)
	if o.err == nil {
		upTo = max(0, upTo-len(outputKey)+1)
	}
	o.ready, o.rest = o.rest[:upTo], o.rest[upTo:]
}

// decode decodes the part of an output in rest, except for an end that may contain the start of its padding.
func (o *outputReader) decode() {
	end := bytes.IndexByte(o.rest, '"')
	switch {
	case end >= 0:
		if !o.append(bytes.TrimRight(o.rest[:end], "=")) {
			o.giveUp()
			return
		}
		o.ready, o.rest, o.inside = []byte(`""`), o.rest[end+1:], false
		o.outputs[o.passed+int64(len(o.ready))] = string(o.output)
	case o.err != nil:
		o.giveUp()
	default:
		whole := max(0, len(o.rest)/4*4-4)
		if !o.append(o.rest[:whole]) {
			o.giveUp()
			return
		}
		o.rest = o.rest[whole:]
	}
}

// append decodes a part of an output. It reports whether the part is Base64 without line breaks.
func (o *outputReader) append(text []byte) bool {
	o.output = slices.Grow(o.output, base64.RawStdEncoding.DecodedLen(len(text)))
	n, ok := decodeBase64(o.output[len(o.output):cap(o.output)], text)
	o.output = o.output[:len(o.output)+n]
	return ok
}

// giveUp forwards an output unchanged. Encoding the decoded part again restores it, because it consists of whole groups.
func (o *outputReader) giveUp() {
	o.ready, o.inside = base64.StdEncoding.AppendEncode([]byte(`"`), o.output), false
}

// unmarshal decodes the text of an output from the forwarded data.
func (o *outputReader) unmarshal(from *jsontext.Decoder, t *decodedText) error {
	if err := t.UnmarshalJSONFrom(from); err != nil {
		return err
	}
	if output, ok := o.outputs[from.InputOffset()]; ok {
		delete(o.outputs, from.InputOffset())
		t.text, t.decoded = output, true
	}
	return nil
}
