package agents

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/lab/agents/agentstest"
)

// endless is a body that never ends, and counts what is read of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	clear(p)
	e.read += int64(len(p))
	return len(p), nil
}

// TestEndlessBodies tests that bodies are refused once they are too large, after little of them was read.
func TestEndlessBodies(t *testing.T) {
	s, _ := directServer(t)
	for path, e := range s.endpoints {
		if e.method != http.MethodPost {
			continue
		}
		body := &endless{}
		r := signed(t, "mi-1", "machine", strings.ReplaceAll(path, "/", "-"), time.Now())
		r.Method, r.URL.Path, r.Body = http.MethodPost, path, io.NopCloser(body)
		r.URL.RawQuery = "taskId=t-1&invokeVersion=1"
		status, text := errMsg(t, s, r)
		if status != http.StatusRequestEntityTooLarge || text != "The body is too large." || body.read > 2<<20 {
			t.Errorf("%s: got %d %q after %d bytes", path, status, text, body.read)
		}
	}
}

// TestGigabyte sends a gigabyte over the network to an endpoint that needs no identity.
func TestGigabyte(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: ts.clientTLS, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	body := &endless{}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+ts.address+"/luban/api/instance/register", io.LimitReader(body, 1<<30))
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	response, err := client.Do(r)
	runtime.ReadMemStats(&after)
	if err == nil {
		_ = response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("got %s", response.Status)
		}
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 32<<20 {
		t.Errorf("%d bytes were allocated", allocated)
	}
}

func TestProtocols(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	for _, http2 := range []bool{false, true} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: ts.clientTLS, ForceAttemptHTTP2: http2}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+ts.address+"/luban/api/connection_detect", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		client.CloseIdleConnections()
		if string(body) != "ok" || (response.ProtoMajor == 2) != http2 {
			t.Errorf("got %q over %s", body, response.Proto)
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	s, _ := directServer(t)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/", 404},
		{http.MethodGet, "/luban/api", 404},
		{http.MethodPost, "/luban/api/v1/task/", 404},
		{http.MethodPost, "/luban/api/v1/task/unknown", 404},
		{http.MethodPost, "//luban/api/v1/task/list", 404},
		{http.MethodPost, "/luban/api/v1/task/list/", 404},
		{http.MethodGet, "/luban/api/instance/register", 405},
		{http.MethodPost, "/luban/api/heart-beat", 405},
		{http.MethodDelete, "/luban/api/instance/deregister", 405},
	} {
		if status, text := errMsg(t, s, httptest.NewRequestWithContext(t.Context(), c.method, c.path, nil)); status != c.status || text == "" {
			t.Errorf("%s %s: got %d %q", c.method, c.path, status, text)
		}
	}
}

func TestSmallAnswers(t *testing.T) {
	s, lab := directServer(t)
	for _, c := range []struct{ method, path, want string }{
		{http.MethodPost, "/luban/api/v1/session/list", `{"code":200,"session":[]}`},
		{http.MethodPost, "/luban/api/v1/update/update_check", `{"needUpdate":0}`},
		{http.MethodPost, "/luban/api/instance/list_instance_state_configurations", `{"code":200}`},
		{http.MethodPost, "/luban/api/metrics", `{"code":200}`},
		{http.MethodPost, "/luban/api/v1/exception/client_report", `{"code":200}`},
		{http.MethodPost, "/luban/api/v1/plugin/list", `{"code":200}`},
		{http.MethodPost, "/luban/api/v2/plugin/update_check", `{"code":200}`},
		{http.MethodPost, "/luban/api/v1/task/list", `{"code":200,"instanceId":"mi-1","run":[],"stop":[],"test":[],"file":[],"session":[]}`},
		{http.MethodPost, "/luban/api/v1/task/running", `{"code":200}`},
		{http.MethodPost, "/luban/api/instance/deregister", `{"code":200}`},
		{http.MethodGet, "/luban/api/connection_detect", "ok"},
	} {
		r := signed(t, "mi-1", "machine", strings.ReplaceAll(c.path, "/", "-"), time.Now())
		r.Method, r.URL.Path, r.URL.RawQuery = c.method, c.path, "taskId=t-1"
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := strings.TrimSuffix(w.Body.String(), "\n"); w.Code != 200 || got != c.want {
			t.Errorf("%s: got %d %s", c.path, w.Code, got)
		}
	}
	if !lab.host("mi-1").deregistered {
		t.Error("the lab was not told about the deregistration")
	}
}

func TestHeartbeatInterval(t *testing.T) {
	for _, interval := range []time.Duration{0, 57 * time.Second} {
		s, _ := directServer(t)
		s.options.HeartbeatInterval = interval
		w := httptest.NewRecorder()
		s.ServeHTTP(w, signed(t, "mi-1", "machine", "r-1", time.Now()))
		var got struct{ NextInterval int64 }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.NextInterval < 55000 || got.NextInterval > 65000 || interval > 0 && got.NextInterval != interval.Milliseconds() {
			t.Errorf("%v: got %s", interval, w.Body)
		}
	}
}

// TestSlowClients tests that the server ends connections of clients that take too long.
func TestSlowClients(t *testing.T) {
	for _, c := range []struct {
		name string
		talk func(*testing.T, net.Conn, *tls.Config)
		most time.Duration
	}{
		{"no handshake", func(*testing.T, net.Conn, *tls.Config) {}, 10 * time.Second},
		{"no request", func(t *testing.T, c net.Conn, config *tls.Config) { handshake(t, c, config) }, 10 * time.Second},
		{"half a header", func(t *testing.T, c net.Conn, config *tls.Config) {
			_, _ = io.WriteString(handshake(t, c, config), "POST /luban/api/instance/register HTTP/1.1\r\nHost: x\r\nX-")
		}, 10 * time.Second},
		{"half a body", func(t *testing.T, c net.Conn, config *tls.Config) {
			_, _ = io.WriteString(handshake(t, c, config), "POST /luban/api/instance/register HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
		}, 31 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
				conn, err := listener.Dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = conn.Close() }()
				began := time.Now()
				c.talk(t, conn, ts.clientTLS)
				_, _ = io.Copy(io.Discard, conn) // until the server ends it
				if took := time.Since(began); took > c.most {
					t.Errorf("the connection was ended after %v", took)
				}
			})
		})
	}
}

func handshake(t *testing.T, c net.Conn, config *tls.Config) net.Conn {
	t.Helper()
	config = config.Clone()
	config.ServerName = "127.0.0.1"
	encrypted := tls.Client(c, config)
	if err := encrypted.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return encrypted
}

func TestConnectionLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipes := agentstest.NewListener()
		pipes.Unbuffered = true
		l := newLimitListener(pipes, 3)
		accepted := make(chan net.Conn, 10)
		go func() {
			defer close(accepted)
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				accepted <- c
			}
		}()
		dial := func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := pipes.Dial(ctx, "", "")
			return err == nil
		}
		for i := range 4 {
			if got := dial(); got != (i < 3) {
				t.Errorf("connection %d: got %v", i, got)
			}
		}
		_ = (<-accepted).Close()
		if !dial() || dial() {
			t.Error("an ended connection did not make room for one")
		}
		_ = l.Close()
		for c := range accepted {
			_ = c.Close()
			_ = c.Close()
		}
		if l.open != 0 || l.unproved != 0 {
			t.Errorf("%d connections are open, %d unproved", l.open, l.unproved)
		}
	})
}

// TestUnprovedConnections tests that connections without identity have a limit of their own.
func TestUnprovedConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipes := agentstest.NewListener()
		pipes.Unbuffered = true
		l := newLimitListener(pipes, 100_000)
		accepted := make(chan net.Conn, 2*maxUnproved)
		go func() {
			defer close(accepted)
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				accepted <- c
			}
		}()
		dialed := 0
		dial := func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := pipes.Dial(ctx, "", ""); err == nil {
				dialed++
			}
		}
		for range maxUnproved + 2 {
			dial()
		}
		if dialed != maxUnproved {
			t.Errorf("%d connections were accepted", dialed)
		}
		proved := (<-accepted).(*limitedConn)
		proveConnection(withConnection(t.Context(), proved))
		proveConnection(withConnection(t.Context(), proved))
		dial()
		dial()
		if dialed != maxUnproved+1 {
			t.Errorf("%d connections were accepted", dialed)
		}
		_ = l.Close()
		_ = proved.Close()
		for c := range accepted {
			_ = c.Close()
		}
		if l.open != 0 || l.unproved != 0 {
			t.Errorf("%d connections are open, %d unproved", l.open, l.unproved)
		}
	})
}
