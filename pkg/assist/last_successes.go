package assist

import (
	"sync"
	"time"
)

// lastSuccesses are the times of the latest successful call of each action. It is safe for concurrent use.
type lastSuccesses struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (s *lastSuccesses) note(action string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[action] = time.Now()
}

// last returns the zero time if there was no success.
func (s *lastSuccesses) last(action string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[action]
}
