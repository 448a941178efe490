//go:build unix

package lab

import (
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
)

// remote is a lab that other machines may reach, listening on an address of its choice.
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

// ownAddress is an address of this machine by which others reach it.
func ownAddress(t *testing.T) string {
	t.Helper()
	_, s := remote(t, "0.0.0.0:0", Options{})
	host, _, err := net.SplitHostPort(s.Endpoint())
	if err != nil || net.ParseIP(host).IsUnspecified() {
		t.Fatalf("it is reached at %s, %v", s.Endpoint(), err)
	}
	if net.ParseIP(host).IsLoopback() {
		t.Skip("this machine has no address but loopback")
	}
	return host
}

// TestRemoteHosts calls a lab that other machines reach by names of its own, and by those that a web page may have point
// to it.
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
			t.Fatalf("%s: listens on %s, %v", addr, s.Endpoint(), err)
		}
		call := func(host string) int {
			r := runs(l)
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
		taken := []string{s.Endpoint(), "127.0.0.1:" + port, "localhost:" + port, "localhost"}
		if addr == own+":0" {
			refused = append(refused, name+":"+port)
		} else {
			taken = append(taken, name+":"+port, strings.ToUpper(name)+":"+port)
		}
		for _, host := range refused {
			if code := call(host); code != http.StatusForbidden {
				t.Errorf("%s: %q is answered with %d", addr, host, code)
			}
		}
		wantNothing(t, l)
		for _, host := range taken {
			if code := call(host); code != http.StatusOK {
				t.Errorf("%s: %q is answered with %d", addr, host, code)
			}
		}
	}
}

// TestListenedNameIsAnswered wants the name that the lab was told to listen on to be one of its own.
func TestListenedNameIsAnswered(t *testing.T) {
	for addr, want := range map[string]string{
		"lab.example:80": "lab.example", "10.0.0.1:80": "", "[fe80::1]:80": "", "127.0.0.1:0": "", "": "",
	} {
		if got := strings.Join(hostNamesOf(addr), " "); got != want {
			t.Errorf("%q: %q, want %q", addr, got, want)
		}
	}
}

// TestRemoteIsAskedForEachTime wants a lab that other machines reached to listen on loopback the next time, on its port.
func TestRemoteIsAskedForEachTime(t *testing.T) {
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
			t.Errorf("it listens on %s", s.Endpoint())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
