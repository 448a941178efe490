package runner

import (
	"io"
	"sync"
	"time"
)

const (
	OutputQuota = 24 << 10
	// streamQuota and streamInterval are the official agent's: once a second it sends what a running script has written,
	// until that is 6,000 bytes.
	streamQuota    = 6000
	streamInterval = time.Second
)

// Output keeps what a script writes: everything up to the quota, and beyond it the end.
//
// What the agent sent while the script ran cannot be taken back, so it stays at the front: of the bytes that had come by
// the last full second (counted from newOutput) before the quota was passed, the first 6,000. A script that writes all in
// its first second keeps none. Everything between that head and the end is dropped.
type Output struct {
	now   func() time.Time
	quota int

	mu       sync.Mutex
	began    time.Time
	total    int64
	buf      []byte // once full: the head, and behind it a ring
	ticks    int64  // full seconds gone by at the last write
	streamed int    // the head, so far; fixed when the quota is passed
	oldest   int    // where in buf the ring begins; 0 until it goes round
}

func NewOutput(now func() time.Time) *Output {
	return &Output{now: now, quota: OutputQuota, began: now()}
}

// Write takes all of p and never fails.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.total <= int64(o.quota) {
		o.stream()
	}
	room := min(o.quota-len(o.buf), len(p))
	o.fill(p[:room])
	o.turn(p[room:])
	o.total += int64(len(p))
	return len(p), nil
}

// stream moves the head on to what had come before this write, when a second has ended since the last one.
func (o *Output) stream() {
	if ticks := int64(o.now().Sub(o.began) / streamInterval); ticks > o.ticks {
		o.ticks = ticks
		o.streamed = min(len(o.buf), streamQuota)
	}
}

func (o *Output) fill(p []byte) {
	if need := len(o.buf) + len(p); need > cap(o.buf) {
		grown := make([]byte, len(o.buf), min(max(need, 2*cap(o.buf)), o.quota))
		copy(grown, o.buf)
		o.buf = grown
	}
	o.buf = append(o.buf, p...)
}

// turn writes p over the oldest bytes behind the head.
func (o *Output) turn(p []byte) {
	ring := o.buf[o.streamed:]
	if len(p) == 0 || len(ring) == 0 {
		return
	}
	at := max(o.oldest-o.streamed, 0)
	if skip := len(p) - len(ring); skip > 0 {
		p = p[skip:]
		at = (at + skip) % len(ring)
	}
	n := copy(ring[at:], p)
	copy(ring, p[n:])
	o.oldest = o.streamed + (at+len(p))%len(ring)
}

// ReadFrom spares io.Copy its own buffer, which is larger than most outputs.
func (o *Output) ReadFrom(r io.Reader) (int64, error) {
	var total int64
	buf := make([]byte, 512)
	for {
		n, err := r.Read(buf)
		_, _ = o.Write(buf[:n])
		total += int64(n)
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		if n == len(buf) && n < OutputQuota {
			buf = make([]byte, 2*n)
		}
	}
}

// Kept returns a copy of what is kept, in the order of its arrival, and how many bytes are missing between the head and the
// end, both of one moment. It may be called while the script runs.
func (o *Output) Kept() (kept []byte, dropped int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept, dropped = make([]byte, 0, len(o.buf)), max(o.total-int64(o.quota), 0)
	if o.oldest <= o.streamed {
		return append(kept, o.buf...), dropped
	}
	kept = append(kept, o.buf[:o.streamed]...)
	kept = append(kept, o.buf[o.oldest:]...)
	return append(kept, o.buf[o.streamed:o.oldest]...), dropped
}
