package lab

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"muster/pkg/assist"
)

// skew is how far a request's stamp may lie from the lab's clock, either way.
const skew = assist.MaxClockSkew

// nonces knows the requests that were taken while their stamps are still good, and no longer.
type nonces struct {
	now func() time.Time

	mu       sync.Mutex
	used     map[usedNonce]struct{}
	byMinute map[int64][]usedNonce // by stamp; a minute is forgotten as a whole
	swept    int64                 // the minute of the last sweep
}

type usedNonce struct{ keyID, nonce string }

func newNonces(now func() time.Time) *nonces {
	return &nonces{now: now, used: make(map[usedNonce]struct{}), byMinute: make(map[int64][]usedNonce)}
}

// check takes a request once. Only verified requests belong here: others could use up nonces in a stranger's name.
func (n *nonces) check(keyID, nonce string, stamp time.Time) *assist.Error {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	n.sweep(now)
	if d := now.Sub(stamp); d > skew || d < -skew {
		return assist.Refusal(http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	u := usedNonce{strings.Clone(keyID), strings.Clone(nonce)} // and not all of the request that they are parts of
	if _, again := n.used[u]; again {
		return assist.Refusal(http.StatusBadRequest, "SignatureNonceUsed", "Specified signature nonce was used already.")
	}
	n.used[u] = struct{}{}
	m := minuteOf(stamp)
	n.byMinute[m] = append(n.byMinute[m], u)
	return nil
}

func (n *nonces) sweep(now time.Time) {
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
