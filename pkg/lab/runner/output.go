package runner

import (
	"io"
	"sync"
	"time"
)

// OutputQuota is the number of bytes that the service keeps of an output.
const OutputQuota = 24 << 10

// The official agent sends the output of a running script once a second, until it has sent 6,000 bytes.
const (
	streamQuota    = 6000
	streamInterval = time.Second
)

// Output keeps what a script writes: everything up to the quota, and then a head and the end. It is safe for concurrent use.
//
// The head is what the agent sent while the script ran, since that cannot be taken back: the first 6,000 of the bytes that had
// arrived by the last full second, counted from [NewOutput], before the quota was exceeded. If a script exceeds the quota in
// its first second, there is no head. Everything between the head and the end is dropped.
type Output struct {
	now   func() time.Time
	quota int

	mu      sync.Mutex
	started time.Time
	total   int64
	buf     []byte // once full: the head, followed by a ring buffer
	ticks   int64  // full seconds since started at the last write
	head    int    // size of the head so far; fixed when the quota is exceeded
	oldest  int    // index in buf of the ring's oldest byte; 0 until the ring wraps around
}

// NewOutput returns an empty Output that reads the time from now.
func NewOutput(now func() time.Time) *Output {
	return &Output{now: now, quota: OutputQuota, started: now()}
}

// Write appends p and never fails.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.total <= int64(o.quota) {
		o.updateHead()
	}
	room := min(o.quota-len(o.buf), len(p))
	o.grow(p[:room])
	o.overwrite(p[room:])
	o.total += int64(len(p))
	return len(p), nil
}

// updateHead extends the head to all that arrived before this write, if a full second has passed since the last write.
func (o *Output) updateHead() {
	if ticks := int64(o.now().Sub(o.started) / streamInterval); ticks > o.ticks {
		o.ticks = ticks
		o.head = min(len(o.buf), streamQuota)
	}
}

// grow appends p to buf, whose capacity never exceeds the quota.
func (o *Output) grow(p []byte) {
	if need := len(o.buf) + len(p); need > cap(o.buf) {
		grown := make([]byte, len(o.buf), min(max(need, 2*cap(o.buf)), o.quota))
		copy(grown, o.buf)
		o.buf = grown
	}
	o.buf = append(o.buf, p...)
}

// overwrite replaces the oldest bytes after the head by p.
func (o *Output) overwrite(p []byte) {
	ring := o.buf[o.head:]
	if len(p) == 0 || len(ring) == 0 {
		return
	}
	at := max(o.oldest-o.head, 0)
	if skip := len(p) - len(ring); skip > 0 {
		p = p[skip:]
		at = (at + skip) % len(ring)
	}
	n := copy(ring[at:], p)
	copy(ring, p[n:])
	o.oldest = o.head + (at+len(p))%len(ring)
}

// ReadFrom implements [io.ReaderFrom], so that io.Copy does not allocate its own buffer, which is larger than most outputs.
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

// Kept returns a copy of what is kept, in the order of arrival, and the number of bytes dropped between the head and the end.
// It may be called while the script runs; both results describe the same moment.
func (o *Output) Kept() (kept []byte, dropped int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept, dropped = make([]byte, 0, len(o.buf)), max(o.total-int64(o.quota), 0)
	if o.oldest <= o.head {
		return append(kept, o.buf...), dropped
	}
	kept = append(kept, o.buf[:o.head]...)
	kept = append(kept, o.buf[o.oldest:]...)
	return append(kept, o.buf[o.head:o.oldest]...), dropped
}
