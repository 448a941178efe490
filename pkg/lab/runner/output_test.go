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
	exceeded time.Duration // when the quota was exceeded
}

func (n *naiveOutput) write(p []byte, at time.Duration, quota int) {
	if len(n.bytes) <= quota && len(n.bytes)+len(p) > quota {
		n.exceeded = at
	}
	n.bytes = append(n.bytes, p...)
	for range p {
		n.arrivals = append(n.arrivals, at)
	}
}

func (n *naiveOutput) kept(quota int) ([]byte, int64) {
	if len(n.bytes) <= quota {
		return n.bytes, 0
	}
	lastTick := n.exceeded.Truncate(time.Second)
	head := 0
	for head < min(6000, quota) && n.arrivals[head] < lastTick {
		head++
	}
	return append(n.bytes[:head:head], n.bytes[len(n.bytes)-(quota-head):]...), int64(len(n.bytes) - quota)
}

func TestOutputKeepsWhatTheAgentKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		started := time.Unix(1800000000, 0)
		now := started
		o := NewOutput(func() time.Time { return now })
		o.quota = rapid.SampledFrom([]int{OutputQuota, 7000, 5000, 17, 1}).Draw(t, "quota")
		var model naiveOutput
		letter := byte(0)
		for range rapid.IntRange(0, 40).Draw(t, "writes") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 300, 999, 1000, 2500}).Draw(t, "pause")) * time.Millisecond)
			p := make([]byte, rapid.OneOf(rapid.IntRange(0, 20), rapid.IntRange(0, 3*o.quota)).Draw(t, "size"))
			for i := range p {
				p[i] = letter
				letter = (letter + 1) % 251
			}
			n, err := o.Write(p)
			if n != len(p) || err != nil {
				t.Fatalf("Write: %d of %d, %v", n, len(p), err)
			}
			model.write(p, now.Sub(started), o.quota)
			kept, dropped := model.kept(o.quota)
			if got := o.Bytes(); !bytes.Equal(got, kept) || o.Dropped() != dropped {
				t.Fatalf("after %d bytes: kept %d and dropped %d, want %d and %d", len(model.bytes), len(got), o.Dropped(), len(kept), dropped)
			}
			if cap(o.buf) > o.quota || cap(o.buf) > 3*len(model.bytes) {
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

func TestOutputHead(t *testing.T) {
	now := time.Unix(1800000000, 0)
	for _, c := range []struct {
		name  string
		pause time.Duration
		first int
		head  int
	}{
		{"all at once", 0, 100, 0},
		{"within a second", 999 * time.Millisecond, 100, 0},
		{"a second later", time.Second, 100, 100},
		{"more than the head", time.Second, 8000, 6000},
	} {
		o := NewOutput(func() time.Time { return now })
		write(t, o, strings.Repeat("a", c.first))
		now = now.Add(c.pause)
		write(t, o, strings.Repeat("b", 2*OutputQuota))
		if got := bytes.Count(o.Bytes(), []byte("a")); got != c.head || o.Dropped() != int64(c.first+OutputQuota) {
			t.Errorf("%s: a head of %d bytes, want %d; dropped %d", c.name, got, c.head, o.Dropped())
		}
	}
}

func TestOutputReadFrom(t *testing.T) {
	text := strings.Repeat("0123456789", 5000)
	for _, r := range []io.Reader{
		strings.NewReader(text), iotest.HalfReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text)),
	} {
		o := NewOutput(time.Now)
		n, err := io.Copy(o, struct{ io.Reader }{r})
		if n != int64(len(text)) || err != nil || !strings.HasSuffix(text, string(o.Bytes())) || o.Dropped() != int64(len(text)-OutputQuota) {
			t.Errorf("%d bytes, %v, dropped %d", n, err, o.Dropped())
		}
	}
	if _, err := NewOutput(time.Now).ReadFrom(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("ReadFrom returned %v", err)
	}
}

func TestOutputConcurrentWritesAndReads(t *testing.T) {
	line := strings.Repeat("x", 34) + "\n"
	o := NewOutput(time.Now)
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
