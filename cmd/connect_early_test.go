package cmd

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/term"
)

// TestPreconnect uses an endpoint that accepts connections before there is a session.
func TestPreconnect(t *testing.T) {
	setenv(t, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	endpoint := assist.Endpoint{Host: listener.Addr().String(), TLS: true}
	a := newApp(&term.Streams{Out: io.Discard, Err: io.Discard}, func(string) string { return "" })
	a.config = &config.Config{ConnectTimeout: time.Minute, ReadTimeout: time.Minute}
	a.flags = pflag.NewFlagSet("run", pflag.ContinueOnError)
	preview, noCheck := a.flags.Bool("preview", false, ""), a.flags.Bool("no-check", false, "")

	for _, opened := range []bool{false, true} {
		end := a.preconnect(t.Context(), endpoint)
		early := a.preconnected.Load()
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if opened {
			s, err := a.newSession("cn-hangzhou", endpoint, assist.StaticCredentials("id", "secret"), 0)
			if err != nil {
				t.Fatal(err)
			}
			if s.transport != early || a.preconnected.Load() != nil {
				t.Error("the session has another transport")
			}
			end()
			if err := s.close(); err != nil {
				t.Error(err)
			}
		}
		end()
		_, _ = io.Copy(io.Discard, conn) // until the connection ends
		_ = conn.Close()
	}

	*preview, *noCheck = true, true
	a.preconnect(t.Context(), endpoint)()
	if a.preconnected.Load() != nil {
		t.Error("a preview without a look at the instances connects")
	}
}
