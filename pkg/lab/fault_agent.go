package lab

import (
	"net/http"

	"muster/pkg/sleep"
)

// ofAgents returns a handler that injects the faults of agents' requests into another one.
func (f *faults) ofAgents(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.none.Load() {
			next.ServeHTTP(w, r)
			return
		}
		if f.trigger(targetAgent, faultDown) != nil {
			panic(http.ErrAbortHandler) // makes net/http close the connection
		}
		if slow := f.trigger(targetAgent, faultDelay); slow != nil && sleep.For(r.Context(), slow.delay) != nil {
			panic(http.ErrAbortHandler)
		}
		if f.trigger(targetAgent, faultDrop) != nil {
			next.ServeHTTP(discardedResponse{http.Header{}}, r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

// discardedResponse is a response that nobody receives. A WebSocket cannot be opened with it.
type discardedResponse struct{ header http.Header }

// Header returns the header.
func (d discardedResponse) Header() http.Header { return d.header }

// Write discards the text.
func (d discardedResponse) Write(text []byte) (int, error) { return len(text), nil }

// WriteHeader discards the status.
func (d discardedResponse) WriteHeader(int) {}
