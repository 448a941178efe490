package signature

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNoncesSkew(t *testing.T) {
	now := time.Date(2027, 1, 1, 12, 0, 30, 0, time.UTC)
	n := NewNonces(func() time.Time { return now })
	for i, c := range []struct {
		age  time.Duration
		code string
	}{
		{0, ""}, {skew, ""}, {-skew, ""},
		{skew + time.Second, "InvalidTimeStamp.Expired"},
		{-skew - time.Second, "InvalidTimeStamp.Expired"},
	} {
		if got := codeOf(n.Check("k", strconv.Itoa(i), now.Add(-c.age))); got != c.code {
			t.Errorf("age %v: %q, want %q", c.age, got, c.code)
		}
	}
}

func TestNoncesBelongToAKey(t *testing.T) {
	now := time.Unix(1800000000, 0)
	n := NewNonces(func() time.Time { return now })
	for _, c := range []struct{ key, nonce, code string }{
		{"a", "1", ""}, {"b", "1", ""}, {"a", "2", ""}, {"a", "1", "SignatureNonceUsed"}, {"", "a1", ""},
	} {
		if got := codeOf(n.Check(c.key, c.nonce, now)); got != c.code {
			t.Errorf("%s %s: %q, want %q", c.key, c.nonce, got, c.code)
		}
	}
}

// TestNoncesRefuseReplays replays requests while the clock advances, and checks that expired nonces are removed.
func TestNoncesRefuseReplays(t *testing.T) {
	type request struct {
		nonce string
		stamp time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1800000000, 0)
		n := NewNonces(func() time.Time { return now })
		accepted := map[request]bool{}
		var sent []request
		for i := range rapid.IntRange(1, 200).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "seconds")) * time.Second)
			r := request{strconv.Itoa(i), now.Add(time.Duration(rapid.IntRange(-1000, 1000).Draw(t, "skew")) * time.Second)}
			if len(sent) > 0 && rapid.Bool().Draw(t, "replay") {
				r = rapid.SampledFrom(sent).Draw(t, "which")
			}
			sent = append(sent, r)
			age := now.Sub(r.stamp)
			want := ""
			if age > skew || age < -skew {
				want = "InvalidTimeStamp.Expired"
			} else if accepted[r] {
				want = "SignatureNonceUsed"
			}
			if got := codeOf(n.Check("k", r.nonce, r.stamp)); got != want {
				t.Fatalf("%v at age %v: %q, want %q", r, age, got, want)
			}
			if want == "" {
				accepted[r] = true
			}
			needed := 0
			for r := range accepted {
				if now.Sub(r.stamp) <= skew+2*time.Minute {
					needed++
				}
			}
			if len(n.used) > needed || len(n.byMinute) > 33 {
				t.Fatalf("%d nonces in %d minutes held, %d needed", len(n.used), len(n.byMinute), needed)
			}
		}
		now = now.Add(3 * skew)
		if err := n.Check("k", "last", now); err != nil {
			t.Fatal(err)
		}
		if len(n.used) != 1 {
			t.Fatalf("%d nonces held, 1 needed", len(n.used))
		}
	})
}

func TestNoncesConcurrently(t *testing.T) {
	now := time.Unix(1800000000, 0)
	n := NewNonces(func() time.Time { return now })
	var accepted atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 500 {
				if n.Check("k", strconv.Itoa(i), now) == nil {
					accepted.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if accepted.Load() != 500 {
		t.Errorf("%d accepted, want 500", accepted.Load())
	}
}
