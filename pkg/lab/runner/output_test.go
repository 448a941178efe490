package runner

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

// naiveOutput is a model of Output that keeps every byte and its time of arrival.
type naiveOutput struct {
	bytes    []byte
	arrivals []time.Duration
}

func (n *naiveOutput) write(p []byte, at time.Duration) {
	n.bytes = append(n.bytes, p...)
	for range p {
		n.arrivals = append(n.arrivals, at)
	}
}

// reported returns the number of bytes that an agent has reported by a time.
func (n *naiveOutput) reported(now time.Duration, how Reporting) int {
	reported := 0
	for tick := time.Second; tick <= now && !how.AtEnd; tick += time.Second {
		there := 0
		for there < len(n.bytes) && n.arrivals[there] < tick {
			there++
		}
		if !how.InReads {
			reported = min(there, 6000)
		} else if reported <= 6000 {
			reported = min(there, reported+2048)
		}
	}
	return reported
}

func (n *naiveOutput) kept(now time.Duration, how Reporting, quota int) ([]byte, int64) {
	if len(n.bytes) <= quota {
		return n.bytes, 0
	}
	head := 6000
	if how.InReads {
		head = n.reported(now, how)
	}
	return append(n.bytes[:head:head], n.bytes[len(n.bytes)-(quota-head):]...), int64(len(n.bytes) - quota)
}

func TestOutputKeepsWhatTheAgentKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		started := time.Unix(1800000000, 0)
		now := started
		how := Reporting{InReads: rapid.Bool().Draw(t, "in reads"), AtEnd: rapid.IntRange(0, 9).Draw(t, "at end") == 0}
		o := NewOutput(func() time.Time { return now }, how)
		o.quota = rapid.SampledFrom([]int{OutputQuota, 9000, maxReads + 1}).Draw(t, "quota")
		var model naiveOutput
		letter := byte(0)
		for range rapid.IntRange(0, 40).Draw(t, "writes") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 300, 999, 1001, 2500}).Draw(t, "pause")) * time.Millisecond)
			p := make([]byte, rapid.OneOf(rapid.IntRange(0, 20), rapid.IntRange(0, 3000), rapid.IntRange(0, 3*o.quota)).Draw(t, "size"))
			for i := range p {
				p[i] = letter
				letter = (letter + 1) % 251
			}
			n, err := o.Write(p)
			if n != len(p) || err != nil {
				t.Fatalf("Write: %d of %d, %v", n, len(p), err)
			}
			model.write(p, now.Sub(started))
			if got, want := o.Reported(), model.bytes[:model.reported(now.Sub(started), how)]; !bytes.Equal(got, want) {
				t.Fatalf("after %d bytes: reported %d, want %d", len(model.bytes), len(got), len(want))
			}
			kept, dropped := model.kept(now.Sub(started), how, o.quota)
			if got := o.Bytes(); !bytes.Equal(got, kept) || o.Dropped() != dropped {
				t.Fatalf("after %d bytes: kept %d and dropped %d, want %d and %d", len(model.bytes), len(got), o.Dropped(), len(kept), dropped)
			}
			if cap(o.buf) > o.capacity() || cap(o.buf) > 3*len(model.bytes) {
				t.Fatalf("a buffer of %d bytes for %d bytes", cap(o.buf), len(model.bytes))
			}
		}
	})
}

// Bytes returns the first result of Kept.
func (o *Output) Bytes() []byte {
	kept, _ := o.Kept()
	return kept
}

// Dropped returns the second result of Kept.
func (o *Output) Dropped() int64 {
	_, dropped := o.Kept()
	return dropped
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if n, err := io.WriteString(w, text); n != len(text) || err != nil {
		t.Errorf("wrote %d of %d bytes: %v", n, len(text), err)
	}
}

// TestOutputHead has the figures of the official agent: build 578, measured, and builds 631, 857 and 1065, read.
func TestOutputHead(t *testing.T) {
	now := time.Unix(1800000000, 0)
	for _, c := range []struct {
		name     string
		how      Reporting
		seconds  int // between the first write and a large second one
		first    int
		reported int
		head     int
	}{
		{"631: all at once", Reporting{}, 0, 100, 0, 100},
		{"631: a second later", Reporting{}, 1, 100, 100, 100},
		{"631: more than is reported", Reporting{}, 1, 8000, 6000, 6000},
		{"631: periodic", Reporting{AtEnd: true}, 9, 8000, 0, 6000},
		{"578: all at once", Reporting{InReads: true}, 0, 100, 0, 0},
		{"578: a second later", Reporting{InReads: true}, 1, 100, 100, 100},
		{"578: one read a second", Reporting{InReads: true}, 2, 9000, 4096, 4096},
		{"578: three full reads", Reporting{InReads: true}, 9, 9000, 6144, 6144},
		{"578: periodic", Reporting{InReads: true, AtEnd: true}, 9, 9000, 0, 0},
	} {
		o := NewOutput(func() time.Time { return now }, c.how)
		write(t, o, strings.Repeat("a", c.first))
		now = now.Add(time.Duration(c.seconds) * time.Second)
		if got := o.Reported(); len(got) != c.reported {
			t.Errorf("%s: %d bytes reported, want %d", c.name, len(got), c.reported)
		}
		write(t, o, strings.Repeat("b", 2*OutputQuota))
		if got := bytes.Count(o.Bytes(), []byte("a")); got != c.head || o.Dropped() != int64(c.first+OutputQuota) {
			t.Errorf("%s: a head of %d bytes, want %d; dropped %d", c.name, got, c.head, o.Dropped())
		}
	}
}

// TestOutputLargestHead writes so that build 578 has reported exactly 6,000 bytes before its last read.
func TestOutputLargestHead(t *testing.T) {
	now := time.Unix(1800000000, 0)
	o := NewOutput(func() time.Time { return now }, Reporting{InReads: true})
	for _, size := range []int{2048, 2048, 1904, 50000} {
		write(t, o, strings.Repeat("x", size))
		now = now.Add(time.Second)
	}
	if got := o.Reported(); len(got) != 8048 {
		t.Errorf("%d bytes reported, want 8048", len(got))
	}
}

func TestOutputReadFrom(t *testing.T) {
	text := strings.Repeat("0123456789", 5000)
	for _, r := range []io.Reader{
		strings.NewReader(text), iotest.HalfReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text)),
	} {
		o := NewOutput(time.Now, Reporting{})
		n, err := io.Copy(o, struct{ io.Reader }{r})
		if n != int64(len(text)) || err != nil || string(o.Bytes()) != text[:6000]+text[len(text)-18576:] || o.Dropped() != int64(len(text)-OutputQuota) {
			t.Errorf("%d bytes, %v, dropped %d", n, err, o.Dropped())
		}
	}
	if _, err := NewOutput(time.Now, Reporting{}).ReadFrom(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("ReadFrom returned %v", err)
	}
}

func TestOutputConcurrentWritesAndReads(t *testing.T) {
	line := strings.Repeat("x", 34) + "\n"
	o := NewOutput(time.Now, Reporting{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				write(t, o, line)
				kept, dropped := o.Kept()
				if len(kept) > OutputQuota {
					t.Errorf("%d bytes kept, more than the quota", len(kept))
				}
				if (int64(len(kept))+dropped)%int64(len(line)) != 0 {
					t.Errorf("%d bytes kept and %d dropped are not from the same moment", len(kept), dropped)
				}
			}
		})
	}
	wg.Wait()
	if want := int64(4*1000*len(line) - OutputQuota); o.Dropped() != want {
		t.Errorf("dropped %d, want %d", o.Dropped(), want)
	}
}
