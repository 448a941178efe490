//go:build unix

package lab

import (
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
)

// remote starts a lab that other machines may reach.
func remote(t *testing.T, addr string, o Options) (*Lab, *Server) {
	t.Helper()
	o.AllowRemote, o.Instances = true, NumberedInstances(1)
	l := newLab(t, o)
	s, err := Start(t.Context(), l, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, s
}

// ownAddress returns the address of this machine for other machines, or skips the test.
func ownAddress(t *testing.T) string {
	t.Helper()
	_, s := remote(t, "0.0.0.0:0", Options{})
	host, _, err := net.SplitHostPort(s.Endpoint())
	if err != nil || net.ParseIP(host).IsUnspecified() {
		t.Fatalf("the endpoint is %s, %v", s.Endpoint(), err)
	}
	if net.ParseIP(host).IsLoopback() {
		t.Skip("this machine has only loopback addresses")
	}
	return host
}

// TestRemoteHosts calls a lab that other machines may reach by names of this machine, and by other names, which a web site may
// have.
func TestRemoteHosts(t *testing.T) {
	own := ownAddress(t)
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{own + ":0", "0.0.0.0:0", ":0"} {
		l, s := remote(t, addr, Options{})
		_, port, err := net.SplitHostPort(s.Endpoint())
		if err != nil || s.Endpoint() != own+":"+port {
			t.Fatalf("%s: the endpoint is %s, %v", addr, s.Endpoint(), err)
		}
		call := func(host string) int {
			r := runCall(l)
			r.RequestURI, r.URL.Scheme, r.URL.Host, r.Host = "", "http", s.Endpoint(), host
			direct := &http.Transport{}
			defer direct.CloseIdleConnections()
			w, err := (&http.Client{Transport: direct}).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Body.Close()
			return w.StatusCode
		}
		refused := []string{
			"evil.example", "evil.example:" + port, own, own + ":1", own + ".evil.example:" + port, "localhost.evil.example:" + port,
			name + ".evil.example:" + port, "192.0.2.1:" + port, "0.0.0.0:" + port, "[::]:" + port, name + ":1",
		}
		accepted := []string{s.Endpoint(), "127.0.0.1:" + port, "localhost:" + port, "localhost"}
		if addr == own+":0" {
			refused = append(refused, name+":"+port)
		} else {
			accepted = append(accepted, name+":"+port, strings.ToUpper(name)+":"+port)
		}
		for _, host := range refused {
			if code := call(host); code != http.StatusForbidden {
				t.Errorf("%s: Host %q: HTTP %d", addr, host, code)
			}
		}
		wantNothingRun(t, l)
		for _, host := range accepted {
			if code := call(host); code != http.StatusOK {
				t.Errorf("%s: Host %q: HTTP %d", addr, host, code)
			}
		}
	}
}

func TestHostNamesOf(t *testing.T) {
	for addr, want := range map[string]string{
		"lab.example:80": "lab.example", "10.0.0.1:80": "", "[fe80::1]:80": "", "127.0.0.1:0": "", "": "",
	} {
		if got := strings.Join(hostNamesOf(addr), " "); got != want {
			t.Errorf("%q: %q, want %q", addr, got, want)
		}
	}
}

// TestRestartListensOnLoopback checks that a lab that other machines could reach listens on loopback after a restart, at the same
// port.
func TestRestartListensOnLoopback(t *testing.T) {
	dir := t.TempDir()
	own := ownAddress(t)
	l, s := remote(t, own+":0", Options{Data: dir})
	_, port, err := net.SplitHostPort(s.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, allowed := range []bool{false, true} {
		l := newLab(t, Options{Data: dir, AllowRemote: allowed})
		l.identity.Endpoint = own + ":" + port
		s, err := Start(t.Context(), l, "")
		if err != nil {
			t.Fatal(err)
		}
		if s.Endpoint() != "127.0.0.1:"+port {
			t.Errorf("the endpoint is %s", s.Endpoint())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
