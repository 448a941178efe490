package agents

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"muster/pkg/lab/agents/agentstest"
)

// testChannel is the host's end of a channel.
type testChannel struct {
	*testing.T
	conn *websocket.Conn
}

// bubble runs a test with a server and one registered host inside a bubble of testing/synctest.
func bubble(t *testing.T, o Options, test func(t *testing.T, ts *testServer, listener *agentstest.Listener)) {
	t.Helper()
	if _, err := testKey(); err != nil { // made outside
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // until connections are closed that nobody reads from
		lab := newMemoryLab()
		key, _ := testKey()
		lab.hosts["mi-1"] = &memoryHost{identity: Identity{MachineId: "machine", PublicKey: &key.PublicKey}}
		listener := agentstest.NewListener()
		test(t, serveOn(t, lab, o, listener), listener)
	})
}

// open opens a channel for mi-1. request makes its request id.
func (ts *testServer) open(t *testing.T, listener *agentstest.Listener, request string) *testChannel {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{
		DialContext: listener.Dial, TLSClientConfig: ts.clientTLS, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}}
	conn, response, err := websocket.Dial(t.Context(), "wss://127.0.0.1/luban/notify_server", &websocket.DialOptions{
		HTTPClient: client, HTTPHeader: signed(t, "mi-1", "machine", request, time.Now()).Header,
	})
	if err != nil {
		t.Fatal(err)
	}
	if response.Body != nil {
		_ = response.Body.Close()
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &testChannel{t, conn}
}

// receive reads notifications and answers each with a verb, unless that is empty.
func (c *testChannel) receive(verb string, want ...string) {
	c.Helper()
	for _, w := range want {
		_, text, err := c.conn.Read(c.Context())
		if err != nil || string(text) != w {
			c.Fatalf("received %q, %v, and not %q", text, err, w)
		}
		if verb != "" {
			c.send(verb + ":" + w)
		}
	}
}

func (c *testChannel) send(text string) {
	c.Helper()
	if err := c.conn.Write(c.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.Fatal(err)
	}
}

// receiveEnd reads until the server closes the channel.
func (c *testChannel) receiveEnd() {
	c.Helper()
	if _, text, err := c.conn.Read(c.Context()); err == nil {
		c.Fatalf("received %q, and not the end", text)
	}
}

func TestKicks(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
		c := ts.open(t, listener, "r-1")
		c.receive("accept", "kick_vm")
		for _, k := range []struct {
			kick Kick
			want string
		}{
			{Kick{KickRun, "t-1"}, "kick_vm task run t-1"},
			{Kick{KickStop, "t-1"}, "kick_vm task stop t-1"},
			{Kick{KickFile, "f-1"}, "kick_vm file create f-1"},
			{Kick{KickFileStop, "f-1"}, "kick_vm file stop f-1"},
			{Kick{Action: KickProbe}, "kick_vm noop"},
			{Kick{Action: KickFetch}, "kick_vm"},
			{Kick{KickRun, "t 1"}, "kick_vm"},
			{Kick{Action: KickRun}, "kick_vm"},
			{Kick{KickRun, "t-1\nkick_vm agent remove"}, "kick_vm"},
			{Kick{KickAction(99), "x"}, "kick_vm"},
		} {
			ts.Kick("mi-1", k.kick)
			c.receive("accept", k.want)
		}
		ts.Kick("mi-2", Kick{KickRun, "t-1"}) // has no channel
	})
}

func TestMergedKicks(t *testing.T) {
	c := &channel{options: Options{AnswerTimeout: time.Minute}, writing: true}
	texts := func() (all []string) {
		for _, k := range c.queue {
			all = append(all, k.text())
		}
		return all
	}
	for range 2 {
		c.kick(Kick{KickRun, "t-1"})
		c.kick(Kick{KickStop, "t-1"})
	}
	c.kick(Kick{Action: KickDeregister})
	if diff := cmp.Diff([]string{"kick_vm task run t-1", "kick_vm task stop t-1", "kick_vm agent deregister"}, texts()); diff != "" {
		t.Error(diff)
	}
	for i := range 1000 {
		c.kick(Kick{KickRun, fmt.Sprint("t-", i)})
	}
	if diff := cmp.Diff([]string{"kick_vm agent deregister", "kick_vm"}, texts()); diff != "" {
		t.Error(diff)
	}
	c.closed = true
	c.kick(Kick{Action: KickProbe})
	if len(c.queue) != 2 {
		t.Errorf("a closed channel queues %v", texts())
	}
}

func TestRejectedKick(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
		c := ts.open(t, listener, "r-1")
		began := time.Now()
		c.receive("reject", "kick_vm")
		c.receive("accept", "kick_vm")
		if waited := time.Since(began); waited != retryInterval {
			t.Errorf("the rejected notification was sent again after %v", waited)
		}
	})
}

func TestDeadChannels(t *testing.T) {
	t.Run("no answer to a kick", func(t *testing.T) {
		bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
			c := ts.open(t, listener, "r-1")
			began := time.Now()
			c.receive("", "kick_vm")
			c.receiveEnd()
			if waited := time.Since(began); waited != 15*time.Second {
				t.Errorf("the channel was closed after %v", waited)
			}
			ts.lab.await(t, "disconnected", func() bool { return slices.Equal(ts.lab.host("mi-1").connections, []bool{true, false}) })
		})
	})
	t.Run("silence", func(t *testing.T) {
		bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
			c := ts.open(t, listener, "r-1")
			began := time.Now()
			c.receive("accept", "kick_vm", "kick_vm noop", "kick_vm noop")
			if waited := time.Since(began); waited != 3*time.Minute {
				t.Errorf("the second probe came after %v", waited)
			}
			c.receive("", "kick_vm noop")
			c.receiveEnd()
			if waited := time.Since(began); waited != 4*time.Minute+45*time.Second {
				t.Errorf("the channel was closed after %v", waited)
			}
		})
	})
	t.Run("pings are no silence", func(t *testing.T) {
		bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
			c := ts.open(t, listener, "r-1")
			began := time.Now()
			c.receive("accept", "kick_vm")
			reading := c.conn.CloseRead(t.Context())
			for range 10 {
				time.Sleep(time.Minute)
				if err := c.conn.Ping(t.Context()); err != nil {
					t.Fatalf("after %v: %v", time.Since(began), err)
				}
			}
			if reading.Err() != nil {
				t.Error("the channel was closed")
			}
		})
	})
}

// TestSlowReader tests that a host that does not read what it is sent loses its channel, and that nobody waits for it.
func TestSlowReader(t *testing.T) {
	bubble(t, Options{AnswerTimeout: time.Hour}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
		listener.Unbuffered = true // even the first notification is not read
		ts.open(t, listener, "r-1")
		began := time.Now()
		for range 10_000 {
			ts.Kick("mi-1", Kick{Action: KickFetch})
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("Kick waited for %v", waited)
		}
		ts.lab.await(t, "disconnected", func() bool { return slices.Equal(ts.lab.host("mi-1").connections, []bool{true, false}) })
		if waited := time.Since(began); waited > writeTimeout {
			t.Errorf("the channel was closed after %v", waited)
		}
	})
}

func TestReplacedChannel(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
		older := ts.open(t, listener, "r-1")
		older.receive("accept", "kick_vm")
		newer := ts.open(t, listener, "r-2")
		newer.receive("accept", "kick_vm")
		older.receiveEnd()
		synctest.Wait()
		ts.Kick("mi-1", Kick{KickRun, "t-1"})
		newer.receive("accept", "kick_vm task run t-1")
		ts.Disconnect("mi-1")
		newer.receiveEnd()
		synctest.Wait()
		if diff := cmp.Diff([]bool{true, true, false}, ts.lab.host("mi-1").connections); diff != "" {
			t.Error(diff)
		}
		if len(ts.channels.seats) != 0 {
			t.Errorf("%d seats are left", len(ts.channels.seats))
		}
	})
}

// TestDeregisterAgain tests that the notification to give up the registration is sent again until the host has answered it.
func TestDeregisterAgain(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
		ts.Kick("mi-1", Kick{Action: KickDeregister})
		c := ts.open(t, listener, "r-1")
		c.receive("", "kick_vm", "kick_vm agent deregister")
		_ = c.conn.CloseNow()
		synctest.Wait()
		c = ts.open(t, listener, "r-2")
		c.receive("unknow", "kick_vm", "kick_vm agent deregister")
		_ = c.conn.CloseNow()
		synctest.Wait()
		c = ts.open(t, listener, "r-3")
		c.receive("accept", "kick_vm")
		ts.Kick("mi-1", Kick{KickRun, "t-1"})
		c.receive("accept", "kick_vm task run t-1")
	})
}

func TestStrangeMessages(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
		c := ts.open(t, listener, "r-1")
		c.receive("accept", "kick_vm")
		for _, text := range []string{"", "accept", "accept:", "accept:kick_vm noop", "x:kick_vm", strings.Repeat("x", maxMessage)} {
			c.send(text)
		}
		ts.Kick("mi-1", Kick{KickRun, "t-1"})
		c.receive("accept", "kick_vm task run t-1")
		_ = c.conn.Write(t.Context(), websocket.MessageText, make([]byte, maxMessage+1))
		c.receiveEnd()
	})
}

func TestNoWebSocket(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
		client := &http.Client{Transport: &http.Transport{DialContext: listener.Dial, TLSClientConfig: ts.clientTLS}}
		defer client.CloseIdleConnections()
		r := signed(t, "mi-1", "machine", "r-1", time.Now())
		r.RequestURI, r.URL.Scheme, r.URL.Host, r.URL.Path = "", "https", "127.0.0.1", "/luban/notify_server"
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusUpgradeRequired {
			t.Errorf("got %s", response.Status)
		}
	})
}

// TestHalfHour tests that an agent of build 578 that found no server has no channel for half an hour, and that one of build 1065 opens a
// channel with its next heartbeat.
func TestHalfHour(t *testing.T) {
	for build, most := range map[int]time.Duration{578: 31 * time.Minute, 1065: 7 * time.Minute} {
		bubble(t, Options{}, func(t *testing.T, ts *testServer, listener *agentstest.Listener) {
			var away atomic.Bool
			away.Store(true)
			key, _ := testKey()
			a, err := agentstest.New(agentstest.Options{
				Endpoint: "127.0.0.1:443", TLS: ts.clientTLS, Build: build, Key: key, MachineId: "machine",
				ActivationId: "ai-1", ActivationCode: "c",
				Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
					if away.Load() {
						return nil, io.ErrUnexpectedEOF
					}
					return listener.Dial(ctx, network, address)
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			away.Store(false)
			if err := a.Register(t.Context()); err != nil {
				t.Fatal(err)
			}
			id := a.InstanceID()
			away.Store(true)
			began := time.Now()
			a.Start(false)
			synctest.Wait()
			away.Store(false)
			ts.lab.await(t, "a heartbeat", func() bool { return len(ts.lab.host(id).heartbeats) > 0 })
			if connected := len(ts.lab.host(id).connections) > 0; connected && build == 578 {
				t.Error("the agent has a channel with its first heartbeat")
			}
			ts.lab.await(t, "a channel and the list for the start", func() bool {
				return len(ts.lab.host(id).connections) > 0 && slices.ContainsFunc(ts.lab.host(id).asked, func(r ListRequest) bool { return r.Startup })
			})
			waited := time.Since(began)
			if waited > most || build == 578 && waited < 29*time.Minute {
				t.Errorf("build %d opened a channel after %v", build, waited)
			}
		})
	}
}
