package agents

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pkg/lab/agents/agentstest"
)

// memoryLab is a Lab that remembers everything it is told.
type memoryLab struct {
	deadline time.Time // of await, if not zero

	mu      sync.Mutex
	changed chan struct{}
	hosts   map[string]*memoryHost
	refuse  *RefusedError
	failing error // of Tasks and Report
}

type memoryHost struct {
	Registration
	identity     Identity
	deregistered bool
	connections  []bool
	heartbeats   []Heartbeat
	asked        []ListRequest
	list         List
	reports      []Report
}

func newMemoryLab() *memoryLab {
	return &memoryLab{hosts: map[string]*memoryHost{}, changed: make(chan struct{})}
}

// change changes the lab and wakes those who wait for a change.
func (l *memoryLab) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	close(l.changed)
	l.changed = make(chan struct{})
}

// await waits until a condition holds. It fails a little before the test's deadline.
func (l *memoryLab) await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ctx := t.Context()
	if !l.deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, l.deadline.Add(-5*time.Second))
		defer cancel()
	}
	for {
		l.mu.Lock()
		held, changed := holds(), l.changed
		l.mu.Unlock()
		if held {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		}
	}
}

func (l *memoryLab) host(id string) *memoryHost {
	if l.hosts[id] == nil {
		l.hosts[id] = &memoryHost{}
	}
	return l.hosts[id]
}

func (l *memoryLab) Register(_ context.Context, r Registration) (id string, err error) {
	l.change(func() {
		if l.refuse != nil {
			err = l.refuse
			return
		}
		id = fmt.Sprintf("mi-test%05d", len(l.hosts)+1)
		key, _ := ParsePublicKey(r.PublicKey)
		l.hosts[id] = &memoryHost{Registration: r, identity: Identity{MachineId: r.MachineId, Fingerprint: r.Fingerprint, PublicKey: key}}
	})
	return id, err
}

func (l *memoryLab) Deregister(_ context.Context, id string) error {
	l.change(func() { l.host(id).deregistered = true })
	return nil
}

func (l *memoryLab) Identity(id string) (Identity, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.hosts[id]
	if h == nil || h.deregistered {
		return Identity{}, false
	}
	return h.identity, true
}

func (l *memoryLab) Heartbeat(id string, h Heartbeat) {
	l.change(func() { l.host(id).heartbeats = append(l.host(id).heartbeats, h) })
}

func (l *memoryLab) Connected(id string, connected bool) {
	l.change(func() { l.host(id).connections = append(l.host(id).connections, connected) })
}

func (l *memoryLab) Tasks(_ context.Context, id string, r ListRequest) (list List, err error) {
	l.change(func() {
		h := l.host(id)
		h.asked = append(h.asked, r)
		list, err = h.list, l.failing
		h.list.Files = nil // an agent that gets a file twice refuses it the second time
	})
	return list, err
}

// Report also takes what was reported from the list, unless it is a schedule.
func (l *memoryLab) Report(_ context.Context, id string, r Report) error {
	var err error
	l.change(func() {
		if err = l.failing; err != nil {
			return
		}
		h := l.host(id)
		h.reports = append(h.reports, r)
		once := func(t Task) bool {
			return t.Id == r.TaskId && (t.Repeat == Once || r.Kind == Stopped || r.Kind == Invalid)
		}
		h.list.Run = slices.DeleteFunc(slices.Clone(h.list.Run), once)
		h.list.Test = slices.DeleteFunc(slices.Clone(h.list.Test), once)
		if r.Kind == Stopped {
			h.list.Stop = slices.DeleteFunc(slices.Clone(h.list.Stop), once)
		}
	})
	return err
}

// reportsOf returns the reports of a task, except Running without output. The caller holds mu.
func (l *memoryLab) reportsOf(id, task string) []Report {
	var all []Report
	for _, r := range l.host(id).reports {
		if r.TaskId == task && (r.Kind != Running || len(r.Output) > 0) {
			all = append(all, r)
		}
	}
	return all
}

// final returns the report that ends a task, and its whole output.
func (l *memoryLab) final(t *testing.T, id, task string) (last Report, output string) {
	t.Helper()
	l.await(t, "the last report of "+task, func() bool {
		all := l.reportsOf(id, task)
		return len(all) > 0 && all[len(all)-1].Kind != Running
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.reportsOf(id, task)
	var text strings.Builder
	for _, r := range all {
		text.Write(r.Output)
	}
	return all[len(all)-1], text.String()
}

// testServer is a server on a loopback address.
type testServer struct {
	*Server
	lab         *memoryLab
	address     string
	serverTLS   *tls.Config
	clientTLS   *tls.Config
	certificate []byte
	stop        func()
}

// serve starts a server that the test's end stops.
func serve(t testing.TB, lab *memoryLab, o Options) *testServer {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if d, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		lab.deadline, _ = d.Deadline()
	}
	return serveOn(t, lab, o, listener)
}

func serveOn(t testing.TB, lab *memoryLab, o Options, listener net.Listener) *testServer {
	t.Helper()
	server, client := testCertificate(t)
	return serveWith(t, lab, o, listener, server, client)
}

// again starts another server for the same lab at the same address, after stop.
func (ts *testServer) again(t testing.TB) *testServer {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", ts.address)
	if err != nil {
		t.Fatal(err)
	}
	return serveWith(t, ts.lab, ts.options, listener, ts.serverTLS, ts.clientTLS)
}

func serveWith(t testing.TB, lab *memoryLab, o Options, listener net.Listener, server, client *tls.Config) *testServer {
	t.Helper()
	s := New(lab, o)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener, server) }()
	ts := &testServer{Server: s, lab: lab, address: listener.Addr().String(), serverTLS: server, clientTLS: client, certificate: server.Certificates[0].Certificate[0]}
	ts.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(ts.stop)
	return ts
}

// testCertificate returns configurations for a server on a loopback address, and for its clients.
func testCertificate(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// testKey is a key for all agents of the tests: making one takes a while.
var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// agent returns a registered agent, whose seconds are short. It is not started.
func (ts *testServer) agent(t *testing.T, o agentstest.Options) *agentstest.Agent {
	t.Helper()
	a := ts.unregistered(t, o)
	if err := a.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func (ts *testServer) unregistered(t *testing.T, o agentstest.Options) *agentstest.Agent {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	if o.Key == nil {
		o.Key = key
	}
	if o.Second == 0 {
		o.Second = 50 * time.Millisecond
	}
	if o.MachineId == "" {
		o.MachineId = "0123456789abcdef"
	}
	o.Endpoint, o.TLS = ts.address, ts.clientTLS
	o.ActivationId, o.ActivationCode, o.RegionId = "ai-1", "code-1", "cn-hangzhou"
	a, err := agentstest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.Close()
		for _, v := range a.Violations() {
			t.Errorf("%s was sent %s", a.InstanceID(), v)
		}
	})
	return a
}

// hand adds to what a host has to do, and notifies it.
func (ts *testServer) hand(id string, f func(*List)) {
	ts.lab.change(func() { f(&ts.lab.host(id).list) })
	ts.Kick(id, Kick{Action: KickFetch})
}

// script returns a task with a script that runs once.
func script(id, content string) Task {
	return Task{
		Id: id, Version: 1, Type: "RunShellScript", Content: []byte(content), Timeout: time.Minute, Repeat: Once,
		Created: time.Now(), CommandId: "c-1",
	}
}
