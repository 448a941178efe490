package signature

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"muster/pkg/assist"
)

// skew is the largest difference allowed between the time stamp of a request and the clock, in either direction.
const skew = assist.MaxClockSkew

// Nonces remembers the nonces of accepted requests for as long as their time stamps are valid. It is safe for concurrent
// use.
type Nonces struct {
	now func() time.Time

	mu       sync.Mutex
	used     map[usedNonce]struct{}
	byMinute map[int64][]usedNonce // by time stamp; expired minutes are removed as a whole
	swept    int64                 // the minute of the last sweep
}

type usedNonce struct{ keyID, nonce string }

// NewNonces returns an empty Nonces with the given clock.
func NewNonces(now func() time.Time) *Nonces {
	return &Nonces{now: now, used: make(map[usedNonce]struct{}), byMinute: make(map[int64][]usedNonce)}
}

// Check accepts a request once: it refuses an expired time stamp and a nonce that the key has used before. Call it only for
// verified requests, because others could use up nonces of a key that they do not own.
func (n *Nonces) Check(keyID, nonce string, stamp time.Time) *assist.Error {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	n.sweep(now)
	if d := now.Sub(stamp); d > skew || d < -skew {
		return assist.Refusal(http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	u := usedNonce{strings.Clone(keyID), strings.Clone(nonce)} // clones do not keep the whole request in memory
	if _, again := n.used[u]; again {
		return assist.Refusal(http.StatusBadRequest, "SignatureNonceUsed", "Specified signature nonce was used already.")
	}
	n.used[u] = struct{}{}
	m := minuteOf(stamp)
	n.byMinute[m] = append(n.byMinute[m], u)
	return nil
}

// sweep removes expired nonces, at most once a minute.
func (n *Nonces) sweep(now time.Time) {
	if minuteOf(now) == n.swept {
		return
	}
	n.swept = minuteOf(now)
	oldest := minuteOf(now.Add(-skew))
	for m, used := range n.byMinute {
		if m < oldest {
			for _, u := range used {
				delete(n.used, u)
			}
			delete(n.byMinute, m)
		}
	}
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }
