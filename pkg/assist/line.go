package assist

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
)

// line is the connection below TLS. While nobody uses it, it can be watched for its end.
type line struct {
	net.Conn
	tls    *tls.Conn // on top of it
	ahead  []byte    // read by watch, and not by TLS yet
	once   sync.Once
	closed func()
}

// mostAhead bounds what a service may say before it is asked: its session tickets and its settings of HTTP/2.
const mostAhead = 64 << 10

var errTalkative = errors.New("the service says too much before it is asked")

// watch reads until the line ends or its read deadline has passed, which is os.ErrDeadlineExceeded. What it reads, TLS reads after
// it.
func (l *line) watch() error {
	buffer := make([]byte, 4<<10)
	for len(l.ahead) <= mostAhead {
		n, err := l.Conn.Read(buffer)
		l.ahead = append(l.ahead, buffer[:n]...)
		if err != nil {
			return err
		}
	}
	return errTalkative
}

func (l *line) Read(p []byte) (int, error) {
	if len(l.ahead) == 0 {
		return l.Conn.Read(p)
	}
	n := copy(p, l.ahead)
	if l.ahead = l.ahead[n:]; len(l.ahead) == 0 {
		l.ahead = nil
	}
	return n, nil
}

func (l *line) Close() error {
	l.once.Do(l.closed)
	return l.Conn.Close()
}

// http2 reports whether the handshake has chosen HTTP/2.
func (l *line) http2() bool { return l.tls.ConnectionState().NegotiatedProtocol == "h2" }
