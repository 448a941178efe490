package runner

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// OutputQuota is the number of bytes that the service keeps of an output.
const OutputQuota = 24 << 10

// The official agent reports the output of a running script once a second, until it has reported reportQuota bytes or more.
// Build 578 reports one read at a time, so it can exceed that by a read.
const (
	reportQuota    = 6000
	reportInterval = time.Second
	readSize       = 2048
	maxReads       = reportQuota + readSize
)

// Reporting is the way in which an agent reports the output of a running script. The zero Reporting is that of the builds from 631 on.
type Reporting struct {
	InReads bool // the builds up to 578: at most one read of 2,048 bytes a second, until more than 6,000 have been reported
	AtEnd   bool // nothing while the script runs, as for periodic commands
}

// Output keeps what a script writes: everything up to the quota, and beyond that a head and the end. It is safe for concurrent
// use.
//
// The builds of the official agent from 631 on always keep the first 6,000 bytes. For the builds up to 578, the head is what
// they reported while the script ran, up to 8,048 bytes: that cannot be taken back. The end fills the rest of the quota, and
// everything between the head and the end is dropped.
type Output struct {
	now       func() time.Time
	reporting Reporting
	quota     int

	mu       sync.Mutex
	started  time.Time
	total    int64
	buf      []byte // the first bytes, at most front, followed by a ring buffer
	ticks    int64  // full seconds since started at the last call
	reported int    // bytes reported so far; at most front
	oldest   int    // index in buf of the ring's oldest byte; 0 until the ring wraps around
}

// NewOutput returns an empty Output that reads the time from now.
func NewOutput(now func() time.Time, reporting Reporting) *Output {
	return &Output{now: now, reporting: reporting, quota: OutputQuota, started: now()}
}

// front is the number of bytes at the beginning that are never overwritten: the largest possible head.
func (o *Output) front() int {
	if o.reporting.InReads {
		return maxReads
	}
	return reportQuota
}

// capacity is the size of a full buf. It has room for the longest possible end after the largest possible head.
func (o *Output) capacity() int {
	if o.reporting.InReads {
		return maxReads + o.quota
	}
	return o.quota
}

// Write appends p and never fails.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.report()
	room := min(o.capacity()-len(o.buf), len(p))
	o.grow(p[:room])
	o.overwrite(p[room:])
	o.total += int64(len(p))
	return len(p), nil
}

// report reports what arrived before this call, if a full second has passed since the last call.
func (o *Output) report() {
	ticks := int64(o.now().Sub(o.started) / reportInterval)
	passed := ticks - o.ticks
	o.ticks = ticks
	switch {
	case passed <= 0 || o.reporting.AtEnd:
	case o.reporting.InReads:
		for reads := min(passed, maxReads); reads > 0 && o.reported <= reportQuota; reads-- {
			o.reported += int(min(readSize, o.total-int64(o.reported)))
		}
	default:
		o.reported = int(min(reportQuota, o.total))
	}
}

// grow appends p to buf, whose capacity never exceeds that of a full one.
func (o *Output) grow(p []byte) {
	if need := len(o.buf) + len(p); need > cap(o.buf) {
		grown := make([]byte, len(o.buf), min(max(need, 2*cap(o.buf)), o.capacity()))
		copy(grown, o.buf)
		o.buf = grown
	}
	o.buf = append(o.buf, p...)
}

// overwrite replaces the oldest bytes of the ring by p.
func (o *Output) overwrite(p []byte) {
	if len(p) == 0 {
		return
	}
	ring := o.buf[o.front():]
	at := max(o.oldest-o.front(), 0)
	if skip := len(p) - len(ring); skip > 0 {
		p = p[skip:]
		at = (at + skip) % len(ring)
	}
	n := copy(ring[at:], p)
	copy(ring, p[n:])
	o.oldest = o.front() + (at+len(p))%len(ring)
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

// Kept returns a copy of what is kept after the script has ended, in the order of arrival, and the number of bytes dropped
// between the head and the end.
func (o *Output) Kept() (kept []byte, dropped int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.report()
	if o.total <= int64(o.quota) {
		return bytes.Clone(o.buf), 0
	}
	head := o.front()
	if o.reporting.InReads {
		head = o.reported
	}
	kept = make([]byte, 0, o.quota)
	kept = append(kept, o.buf[:head]...)
	return o.appendEnd(kept, o.quota-head), o.total - int64(o.quota)
}

// appendEnd appends the last n bytes that were written to a slice.
func (o *Output) appendEnd(to []byte, n int) []byte {
	wrapped := max(o.oldest-o.front(), 0) // bytes at the beginning of the ring that are newer than all others
	if older := n - wrapped; older > 0 {
		to = append(to, o.buf[len(o.buf)-older:]...)
		n = wrapped
	}
	newest := o.front() + wrapped
	return append(to, o.buf[newest-n:newest]...)
}

// Reported returns a copy of what the agent has reported of a script that is still running.
func (o *Output) Reported() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.report()
	return bytes.Clone(o.buf[:o.reported])
}
