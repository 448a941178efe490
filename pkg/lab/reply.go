package lab

import (
	"net/http"
	"time"

	"muster/pkg/sleep"
)

// reply is the delivery of a response: late, truncated or not at all, as the faults demand.
type reply struct {
	delay    time.Duration
	broken   faultKind // faultDrop, faultCut or zero
	releases []func()  // called by release
}

// release returns the buffers that the response borrowed. Call it when the response has been sent or never will be.
func (r reply) release() {
	for _, release := range r.releases {
		release()
	}
}

// deliver calls send to send the response after the delay. If the response is dropped or truncated, deliver closes the
// connection.
func (r reply) deliver(w http.ResponseWriter, request *http.Request, send func(http.ResponseWriter)) {
	switch {
	case r.delay > 0 && sleep.For(request.Context(), r.delay) != nil, r.broken == faultDrop:
		panic(http.ErrAbortHandler) // makes net/http close the connection
	case r.broken == faultCut:
		w = truncatingWriter{w}
	}
	send(w)
}

// truncatingWriter writes the first half of the first Write and closes the connection.
type truncatingWriter struct{ http.ResponseWriter }

func (t truncatingWriter) Write(text []byte) (int, error) {
	_, _ = t.ResponseWriter.Write(text[:len(text)/2])
	_ = http.NewResponseController(t.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
