package agents

import (
	"container/heap"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// skew is the largest difference allowed between the timestamp of a request and the clock, in either direction.
	skew = 15 * time.Minute

	// maxNonces is the number of nonces that are remembered for a host. A request older than all of them is refused.
	maxNonces = 4096
)

// nonces remembers the request ids of each host for as long as their timestamps are valid. It is safe for concurrent use.
type nonces struct {
	now func() time.Time

	mu    sync.Mutex
	hosts map[string]*hostNonces
	swept time.Time
}

func newNonces(now func() time.Time) *nonces {
	return &nonces{now: now, hosts: make(map[string]*hostNonces)}
}

// use accepts a request id once. It reports false for a request id that the host has used before, and for a timestamp before those of
// all remembered request ids. Call it only for verified requests.
func (n *nonces) use(instanceID, requestID string, stamp time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	oldest := n.now().Add(-skew)
	n.sweep(oldest)
	h := n.hosts[instanceID]
	if h == nil {
		h = &hostNonces{used: make(map[nonce]struct{}), floor: oldest.UnixMilli() - 1}
		n.hosts[instanceID] = h
	}
	h.expire(oldest.UnixMilli())
	return h.use(nonceOf(requestID), stamp.UnixMilli())
}

// sweep removes expired nonces of all hosts, at most once a minute.
func (n *nonces) sweep(oldest time.Time) {
	if oldest.Sub(n.swept) < time.Minute {
		return
	}
	n.swept = oldest
	for id, h := range n.hosts {
		if h.expire(oldest.UnixMilli()); len(h.byStamp) == 0 {
			delete(n.hosts, id)
		}
	}
}

// nonce is a hash of a request id, which has the same size for every id.
type nonce [16]byte

func nonceOf(requestID string) nonce {
	sum := sha256.Sum256([]byte(requestID))
	return nonce(sum[:16])
}

// hostNonces is the nonces of one host.
type hostNonces struct {
	used    map[nonce]struct{}
	byStamp stamped
	floor   int64 // milliseconds; requests with this timestamp or an earlier one are refused
}

func (h *hostNonces) use(n nonce, stamp int64) bool {
	if _, again := h.used[n]; again || stamp <= h.floor {
		return false
	}
	h.used[n] = struct{}{}
	heap.Push(&h.byStamp, stampedNonce{stamp, n})
	if len(h.byStamp) > maxNonces {
		h.floor = max(h.floor, h.byStamp[0].stamp)
		h.pop()
	}
	return true
}

// expire forgets nonces with timestamps before oldest.
func (h *hostNonces) expire(oldest int64) {
	for len(h.byStamp) > 0 && h.byStamp[0].stamp < oldest {
		h.pop()
	}
}

func (h *hostNonces) pop() {
	delete(h.used, heap.Pop(&h.byStamp).(stampedNonce).nonce)
}

type stampedNonce struct {
	stamp int64 // milliseconds since 1970
	nonce nonce
}

// stamped is a heap with the earliest timestamp first.
type stamped []stampedNonce

func (s stamped) Len() int           { return len(s) }
func (s stamped) Less(i, j int) bool { return s[i].stamp < s[j].stamp }
func (s stamped) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *stamped) Push(x any)        { *s = append(*s, x.(stampedNonce)) }
func (s *stamped) Pop() any {
	last := len(*s) - 1
	popped := (*s)[last]
	*s = (*s)[:last]
	return popped
}
