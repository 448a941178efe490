package lab

import (
	"net/http"
	"time"

	"muster/pkg/sleep"
)

// line is how an answer fares on its way back.
type reply struct {
	delay  time.Duration
	broken faultKind // drops, cuts, or neither
	used   []func()  // what is to be done once nobody needs the answer any more
}

// end is for when the answer has been sent, or never will be.
func (p reply) release() {
	for _, done := range p.used {
		done()
	}
}

// carry sends an answer, or as much of it as arrives. An answer that does not arrive ends the connection.
func (p reply) deliver(w http.ResponseWriter, r *http.Request, send func(http.ResponseWriter)) {
	switch {
	case p.delay > 0 && sleep.For(r.Context(), p.delay) != nil, p.broken == faultDropReply:
		panic(http.ErrAbortHandler) // the server's own way to end a connection
	case p.broken == faultCutReply:
		w = truncatingWriter{w}
	}
	send(w)
}

// cutter sends the first half of an answer.
type truncatingWriter struct{ http.ResponseWriter }

func (c truncatingWriter) Write(text []byte) (int, error) {
	_, _ = c.ResponseWriter.Write(text[:len(text)/2])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
