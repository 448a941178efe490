package agents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
)

// The limits of requests' bodies.
const (
	maxRegistration = 64 << 10
	maxOutput       = 128 << 10 // of a report; agents send 24 KiB at most
	maxDiscarded    = 1 << 20   // of requests whose body is not used, such as metrics
)

// request is a request of a host.
type request struct {
	*http.Request
	writer     http.ResponseWriter
	query      url.Values
	instanceID string // proved, if the endpoint demands that
	agent      agent
	remote     netip.Addr
	log        *LoggedRequest
}

// body reads the body, of at most most bytes.
func (r *request) body(most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(r.writer, r.Body, most))
	return body, bodyFailure(err)
}

// discardBody reads a body that is not used.
func (r *request) discardBody() error {
	_, err := io.Copy(io.Discard, http.MaxBytesReader(r.writer, r.Body, maxDiscarded))
	return bodyFailure(err)
}

func bodyFailure(err error) error {
	if err == nil {
		return nil
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return &failure{http.StatusRequestEntityTooLarge, "The body is too large."}
	}
	return malformed("The body cannot be read.")
}

// agent is the content of the User-Agent header, such as linux_amd64/2.2.3.857.
type agent struct{ osType, version string }

// readAgent returns the zero agent for any other program.
func readAgent(userAgent string) agent {
	system, version, ok := strings.Cut(userAgent, "/")
	osType, _, _ := strings.Cut(system, "_")
	if !ok || !wellFormedVersion(version) || !wellFormedOS(osType) {
		return agent{}
	}
	return agent{osType, version}
}

func wellFormedVersion(version string) bool { return made(version, ".-_", 32) }

func wellFormedOS(osType string) bool {
	return osType == "linux" || osType == "windows" || osType == "freebsd"
}

// ServeHTTP serves one request of a host.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serving.RLock()
	defer s.serving.RUnlock()
	if s.stopped {
		writeJSON(w, http.StatusServiceUnavailable, success{http.StatusServiceUnavailable})
		return
	}
	logged := LoggedRequest{Began: time.Now(), Method: r.Method, Path: cleaned(r.URL.Path, 256), Status: http.StatusOK}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		logged.Remote = at.Addr().Unmap()
	}
	query, _ := url.ParseQuery(r.URL.RawQuery) // some agents do not encode the values of their last parameter: what can be read counts
	q := &request{Request: r, writer: w, query: query, agent: readAgent(r.UserAgent()), remote: logged.Remote, log: &logged}
	logged.Agent = q.agent.version

	answer, err := s.answerSafely(q)
	switch {
	case err != nil:
		s.refuse(q, err)
	case answer != nil:
		writeJSON(w, http.StatusOK, answer)
	}
	if s.options.OnRequest != nil {
		logged.Duration = time.Since(logged.Began)
		s.options.OnRequest(logged)
	}
}

// answerSafely is answer, with a panic as an error.
func (s *Server) answerSafely(q *request) (answer any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			answer, err = nil, fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		}
	}()
	return s.answer(q)
}

// answer serves a request. It returns nil, nil if the endpoint has written the response itself.
func (s *Server) answer(q *request) (any, error) {
	e, known := s.endpoint(q.URL.Path)
	if !known {
		return nil, &failure{http.StatusNotFound, "This path is unknown."}
	}
	if q.Method != e.method {
		q.writer.Header().Set("Allow", e.method)
		return nil, &failure{http.StatusMethodNotAllowed, "This method is not allowed here."}
	}
	if !e.anonymous {
		var refused *failure
		q.instanceID, refused = prove(s, q.Header)
		if q.log.InstanceId = q.instanceID; refused != nil {
			return nil, refused
		}
		q.log.Proved = true
		proveConnection(q.Context())
	}
	return e.serve(q)
}

// refuse writes why a request is refused.
func (s *Server) refuse(q *request, err error) {
	refused, expected := errors.AsType[*failure](err)
	if !expected {
		level := slog.LevelError
		if q.Context().Err() != nil { // the host has gone
			level = slog.LevelDebug
		}
		s.options.Log.Log(q.Context(), level, "a request of a host failed", "instance", q.instanceID, "path", q.log.Path, "error", err)
		refused = &failure{http.StatusInternalServerError, "The lab cannot serve this now."}
	}
	q.log.Status, q.log.ErrMsg = refused.status, refused.errMsg
	writeJSON(q.writer, refused.status, map[string]any{"code": refused.status, "errMsg": refused.errMsg})
}

// writeJSON writes a response. That it cannot be written is no error of the server: the host asks again.
func writeJSON(w http.ResponseWriter, status int, body any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		status = http.StatusInternalServerError
		text.Reset()
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}
