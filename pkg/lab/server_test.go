//go:build unix

package lab

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestStartOnLoopbackOnly(t *testing.T) {
	l := newLab(t, Options{})
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:80", "127.0.0.1", "127.0.0.1:x"} {
		if s, err := Start(t.Context(), l, addr); err == nil {
			t.Errorf("%s: the endpoint is %s", addr, s.Endpoint())
			s.Close()
		}
	}
	for _, addr := range []string{"", "127.0.0.1:0", "localhost:0", "127.3.2.1:0"} {
		s, err := Start(t.Context(), l, addr)
		if err != nil {
			t.Logf("%s: %v", addr, err) // not available on every system
			continue
		}
		host, port, err := net.SplitHostPort(s.Endpoint())
		if err != nil || !net.ParseIP(host).IsLoopback() || port == "0" {
			t.Errorf("%s: the endpoint is %s, %v", addr, s.Endpoint(), err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestServerStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Start(ctx, newLab(t, Options{}), "")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	eventually(t, "the server has stopped", func() bool {
		conn, err := net.Dial("tcp", s.Endpoint())
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestAddressInUse(t *testing.T) {
	l := newLab(t, Options{})
	s, err := Start(t.Context(), l, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := Start(t.Context(), l, s.Endpoint()); err == nil || !strings.Contains(err.Error(), s.Endpoint()) {
		t.Error(err)
	}
}

// TestDNSRebinding sends the Host of a web site whose name resolves to this machine.
func TestDNSRebinding(t *testing.T) {
	b := openFleet(t, 1)
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+b.host+"/?Action=DescribeRegions", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "evil.example"
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer w.Body.Close()
	if w.StatusCode != http.StatusForbidden {
		t.Error(w.Status)
	}
}
