package agents

import (
	"fmt"
	"strings"
	"sync"
)

// lockedLog collects logged requests.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) add(r LoggedRequest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(&l.text, r.Method, r.Path, r.TaskId, r.Status, r.ErrMsg)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
