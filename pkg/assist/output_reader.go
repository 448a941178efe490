package assist

import (
	"bytes"
	"encoding/base64"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// outputReader passes an answer on without its outputs. Each output that is Base64 and nothing else becomes an empty string, and is
// decoded as it arrives: to read it as JSON first would take longer than to decode it, and room for all of it. Such an empty string is
// told from others by where it ends in what is passed on.
type outputReader struct {
	from    io.Reader
	buffer  []byte
	rest    []byte // the part of buffer that is not passed on
	err     error  // of from
	ready   []byte // is passed on as it is
	passed  int64  // how much has been
	inside  bool   // rest continues an output
	output  []byte // what is decoded of it
	outputs map[int64]string
}

// The buffer is small until there is an output that it does not hold.
const (
	firstBuffer  = 4 << 10
	outputBuffer = 32 << 10
)

// outputKey begins an output. In a string its quotation marks would be escaped, so that it stands in none.
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

// fill reads more behind the rest.
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

// find passes on what stands before the next output, but for the end of the rest that the output may begin in.
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

// decode decodes what the rest has of an output, but for the end of the rest that its padding may begin in.
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

// append decodes a part of an output. It reports whether that is Base64 without line breaks.
func (o *outputReader) append(text []byte) bool {
	o.output = slices.Grow(o.output, base64.RawStdEncoding.DecodedLen(len(text)))
	n, ok := decodeBase64(o.output[len(o.output):cap(o.output)], text)
	o.output = o.output[:len(o.output)+n]
	return ok
}

// giveUp passes an output on as it came. What was decoded of it were whole groups, each of which is encoded in one way only.
func (o *outputReader) giveUp() {
	o.ready, o.inside = base64.StdEncoding.AppendEncode([]byte(`"`), o.output), false
}

// unmarshal reads the text of an output that was passed on.
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
