//go:build unix

package lab

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
)

// client is a client of a lab, which it serves.
type client struct {
	*assist.Client
	core   assist.Caller
	t      testing.TB
	lab    *Lab
	host   string
	url    string         // with the scheme
	ca     string         // the path of the certificate of its authority, or empty
	bundle string         // that of the certificates that it trusts, or empty
	pool   *x509.CertPool // with the certificate of its authority, or nil
}

// newLab returns a lab, by default in a directory of its own. It is closed when the test ends.
func newLab(t testing.TB, o Options) *Lab {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// open serves a lab and returns a client that makes calls like muster.
func open(t testing.TB, l *Lab) *client {
	t.Helper()
	server, err := Start(context.Background(), l, "")
	if err != nil {
		t.Fatal(err)
	}
	connection := Connection{Endpoint: server.Endpoint(), CAFile: server.CAFile()}
	pool, err := connection.Authorities()
	if err != nil {
		t.Fatal(err)
	}
	timeouts := assist.Timeouts{Connect: 10 * time.Second, Read: time.Minute}
	transport := assist.NewTransport(timeouts)
	transport.TrustOnly(pool)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	id, secret := l.Key()
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: assist.Endpoint{Host: server.Endpoint(), TLS: pool != nil}, Credentials: assist.StaticCredentials(id, secret),
		Transport: transport, Timeouts: timeouts, UserAgent: "muster-test",
	})
	if err != nil {
		t.Fatal(err)
	}
	return &client{Client: assist.NewClient(core), core: core, t: t, lab: l, host: server.Endpoint(), url: connection.URL(), ca: server.CAFile(), bundle: server.CABundleFile(), pool: pool}
}

// openFleet serves a lab of n instances.
func openFleet(t testing.TB, n int) *client {
	return open(t, newLab(t, Options{Instances: NumberedInstances(n)}))
}

// nth returns the id of the nth of NumberedInstances.
func nth(n int) string { return fmt.Sprintf("i-lab%05d", n) }

// shell returns a request to run a script on the first instance.
func shell(script string) *assist.RunCommandRequest {
	return &assist.RunCommandRequest{
		RegionId: "cn-hangzhou", Type: "RunShellScript", CommandContent: script, InstanceId: []string{nth(1)},
	}
}

// submit sends a request that must be accepted.
func (b *client) submit(r *assist.RunCommandRequest) (invokeID string) {
	b.t.Helper()
	answer, err := b.RunCommand(b.t.Context(), r)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.InvokeId
}

func (b *client) describe(invokeID string) assist.Invocation {
	b.t.Helper()
	answer, err := b.DescribeInvocations(b.t.Context(), &assist.DescribeInvocationsRequest{
		RegionId: "cn-hangzhou", InvokeId: invokeID, IncludeOutput: true, ContentEncoding: assist.PlainText,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if n := len(answer.Invocations.Invocation); n != 1 {
		b.t.Fatalf("%d invocations, want 1", n)
	}
	return answer.Invocations.Invocation[0]
}

// settle waits until an invocation has finished.
func (b *client) settle(invokeID string) (inv assist.Invocation) {
	b.t.Helper()
	eventually(b.t, "the invocation ends", func() bool {
		inv = b.describe(invokeID)
		return inv.Status().Terminal()
	})
	return inv
}

// run sends a request for one instance, and returns the finished task.
func (b *client) run(r *assist.RunCommandRequest) assist.InvokeInstance {
	b.t.Helper()
	return b.settle(b.submit(r)).InvokeInstances.InvokeInstance[0]
}

// running waits until the script of an invocation has written something.
func (b *client) running(invokeID string) {
	b.t.Helper()
	eventually(b.t, "the script writes", func() bool {
		return b.describe(invokeID).InvokeInstances.InvokeInstance[0].Output != ""
	})
}

// eventually calls holds until it returns true. The test fails after a minute.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatal("still not: ", what)
		}
	}
}

// refusedWith returns the HTTP status and the code of an error, such as "403 Code".
func refusedWith(err error) string {
	if fault, ok := errors.AsType[*assist.Error](err); ok {
		return fmt.Sprint(fault.HTTPStatus, " ", fault.Code)
	}
	return fmt.Sprint(err)
}

func wantRefused(t testing.TB, err error, want string) {
	t.Helper()
	if got := refusedWith(err); got != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNewRefuses(t *testing.T) {
	two := append(NumberedInstances(1), NumberedInstances(1)...)
	elsewhere := NumberedInstances(1)
	elsewhere[0].RegionId = "cn-beijing"
	outside := NumberedInstances(1)
	outside[0].InstanceId = "../x"
	for name, o := range map[string]Options{
		"region": {Region: "cn-nowhere"}, "twice": {Instances: two}, "elsewhere": {Instances: elsewhere}, "path": {Instances: outside},
	} {
		if l, err := New(o); err == nil {
			t.Errorf("%s: no error", name)
			l.Close()
		}
	}
}

func TestTemporaryDirectoryGoes(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	l, err := New(Options{Instances: NumberedInstances(1)})
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, l)
	b.run(shell("echo hello > kept"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	_, err = b.RunCommand(t.Context(), shell("echo"))
	wantRefused(t, err, "503 ServiceUnavailable")
}

func TestGivenDirectoryStays(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		l, err := New(Options{Instances: NumberedInstances(1), Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if got := open(t, l).run(shell("echo more >> kept; wc -l < kept")); got.ExitCode != 0 || strings.TrimSpace(got.Output) == "" {
			t.Errorf("%+v", got)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(dir + "/instances/" + nth(1) + "/rootfs/root/kept")
	if err != nil || string(text) != "more\nmore\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestFleet(t *testing.T) {
	for n, name := range map[int]string{1: "lab-001", 1000: "lab-1000"} {
		fleet := NumberedInstances(n)
		last := fleet[n-1]
		if last.InstanceName != name || last.HostName != name || last.InstanceId != nth(n) {
			t.Errorf("the last of %d is %s, %s, %s", n, last.InstanceId, last.InstanceName, last.HostName)
		}
		seen := map[string]bool{}
		for _, it := range fleet {
			seen[it.VpcAttributes.PrivateIpAddress.IpAddress[0]] = true
		}
		if len(seen) != n {
			t.Errorf("%d addresses for %d instances", len(seen), n)
		}
	}
}

func TestSetInstance(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	if err := l.SetInstance("i-none", func(*Instance) {}); err == nil {
		t.Error("no error for an unknown instance")
	}
	before := l.own.inventory.hosts[0].get()
	if err := l.SetInstance(nth(1), func(it *Instance) {
		it.InstanceId, it.Tags.Tag[0].TagValue = "i-other", "changed"
	}); err != nil {
		t.Fatal(err)
	}
	after := l.own.inventory.hosts[0].get()
	if before.Tags.Tag[0].TagValue != "lab" || after.Tags.Tag[0].TagValue != "changed" || after.InstanceId != nth(1) {
		t.Errorf("before %v, after %v", before.Tags, after.Tags)
	}
}

func TestCallsAndExecutions(t *testing.T) {
	b := openFleet(t, 2)
	r := shell("true")
	r.InstanceId = []string{nth(1), nth(2), nth(1)}
	id := b.submit(r)
	b.settle(id)
	_, err := b.RunCommand(t.Context(), &assist.RunCommandRequest{})
	if err == nil {
		t.Error("an empty request was taken")
	}
	if n := b.lab.Calls()["RunCommand"]; n != 2 {
		t.Errorf("%d calls of RunCommand, want 2", n)
	}
	ran := map[string]int{}
	for _, e := range b.lab.Executions() {
		if e.InvokeId != id || e.Start.IsZero() {
			t.Errorf("%+v", e)
		}
		ran[e.InstanceId]++
	}
	if len(ran) != 2 || ran[nth(1)] != 1 || ran[nth(2)] != 1 {
		t.Errorf("executed %v", ran)
	}
}

func TestManyInstances(t *testing.T) {
	if testing.Short() {
		t.Skip("starts 1,000 processes")
	}
	const n, batch = 1000, 50
	b := openFleet(t, n)
	var ids []string
	for first := 1; first <= n; first += batch {
		r := shell("echo hello")
		r.InstanceId = nil
		for i := range batch {
			r.InstanceId = append(r.InstanceId, nth(first+i))
		}
		r.Name = "many"
		ids = append(ids, b.submit(r))
	}
	for _, id := range ids {
		inv := b.settle(id)
		for _, it := range inv.InvokeInstances.InvokeInstance {
			if it.Status() != assist.StatusSuccess || it.Output != "hello\n" {
				t.Fatalf("%+v", it)
			}
		}
	}
	if got := len(b.lab.Executions()); got != n {
		t.Errorf("%d executions, want %d", got, n)
	}
}

var _ http.Handler = (*Lab)(nil)
