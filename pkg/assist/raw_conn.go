package assist

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
)

// rawConn is the connection below TLS. While it is idle, watch reports when the service closes it.
type rawConn struct {
	net.Conn
	tls    *tls.Conn // on top of the connection
	ahead  []byte    // read by watch and not yet by TLS
	once   sync.Once
	closed func()
}

// maxAhead limits the bytes that a service may send before the first request, such as session tickets and HTTP/2 settings.
const maxAhead = 64 << 10

var errTooMuchAhead = errors.New("the service sends too much before the first request")

// watch reads until the connection is closed or its read deadline passes, in which case it returns os.ErrDeadlineExceeded. TLS later
// reads the bytes that watch has read.
func (l *rawConn) watch() error {
	buffer := make([]byte, 4<<10)
	for len(l.ahead) <= maxAhead {
		n, err := l.Conn.Read(buffer)
		l.ahead = append(l.ahead, buffer[:n]...)
		if err != nil {
			return err
		}
	}
	return errTooMuchAhead
}

func (l *rawConn) Read(p []byte) (int, error) {
	if len(l.ahead) == 0 {
		return l.Conn.Read(p)
	}
	n := copy(p, l.ahead)
	if l.ahead = l.ahead[n:]; len(l.ahead) == 0 {
		l.ahead = nil
	}
	return n, nil
}

func (l *rawConn) Close() error {
	l.once.Do(l.closed)
	return l.Conn.Close()
}

// http2 reports whether the handshake negotiated HTTP/2.
func (l *rawConn) http2() bool { return l.tls.ConnectionState().NegotiatedProtocol == "h2" }
