package agentstest

import (
	"slices"
	"sync"
)

const (
	readSize = 2048
	preQuota = 6000
	minQuota = 12000
)

// buffer is the output of a script, and how much of it was reported. A nil buffer is empty.
type buffer struct {
	build int

	mu     sync.Mutex
	unread []byte // not reported
	held   []byte // of build 578: read after the quota of running reports was used up
	sent   int    // bytes of running reports
	total  int
}

func newBuffer(build int) *buffer { return &buffer{build: build} }

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unread = append(b.unread, p...)
	b.total += len(p)
	return len(p), nil
}

// tick returns what the next running report has.
func (b *buffer) tick() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.build < build631 {
		read := slices.Clone(b.unread[:min(readSize, len(b.unread))])
		b.unread = b.unread[len(read):]
		if b.sent > preQuota {
			b.held = append(b.held, read...)
			return nil
		}
		b.sent += len(read)
		return read
	}
	read := slices.Clone(b.unread[:min(preQuota-b.sent, len(b.unread))])
	b.unread = b.unread[len(read):]
	b.sent += len(read)
	return read
}

// untick takes back what tick has returned.
func (b *buffer) untick(read []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unread = append(slices.Clone(read), b.unread...)
	b.sent -= len(read)
}

// rest returns what the last report has, and how many bytes are left out before it.
func (b *buffer) rest(quota int) (rest []byte, dropped int) {
	if b == nil {
		return nil, 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	quota = max(quota, minQuota)
	all := append(slices.Clone(b.held), b.unread...)
	if b.build < build631 {
		dropped = max(len(all)-(quota-b.sent), 0)
		return all[dropped:], dropped
	}
	head := min(preQuota-b.sent, len(all)) // always kept
	tail := all[head:]
	dropped = max(len(tail)-(quota-preQuota), 0)
	return append(slices.Clone(all[:head]), tail[dropped:]...), dropped
}
