package lab

import (
	"net/http"
	"time"

	"muster/pkg/sleep"
)

// reply is how a response is delivered: late, truncated or not at all, as the faults demand.
type reply struct {
	delay    time.Duration
	broken   faultKind // faultDrop, faultCut or zero
	releases []func()  // called by release
}

// release returns the buffers that the response borrowed. Call it when the response has been sent or never will be.
func (p reply) release() {
	for _, release := range p.releases {
		release()
	}
}

// deliver calls send to send the response after the delay. If the response is dropped or truncated, deliver closes the
// connection.
func (p reply) deliver(w http.ResponseWriter, r *http.Request, send func(http.ResponseWriter)) {
	switch {
	case p.delay > 0 && sleep.For(r.Context(), p.delay) != nil, p.broken == faultDrop:
		panic(http.ErrAbortHandler) // the way of net/http to close a connection
	case p.broken == faultCut:
		w = truncatingWriter{w}
	}
	send(w)
}

// truncatingWriter writes the first half of the first Write and closes the connection.
type truncatingWriter struct{ http.ResponseWriter }

func (c truncatingWriter) Write(text []byte) (int, error) {
	_, _ = c.ResponseWriter.Write(text[:len(text)/2])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
