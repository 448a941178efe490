//go:build unix

package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
	"muster/pkg/lab/agents/agentstest"
)

// memoryNetwork is a network with one server, without the time that a real one takes.
type memoryNetwork struct {
	mu       sync.Mutex
	listener *agentstest.Listener // nil while the server is down
	open     []net.Conn
}

// listen starts a server in the place of the one before.
func (n *memoryNetwork) listen() net.Listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listener = agentstest.NewListener()
	return n.listener
}

// cut ends the server and all connections, as a crash does.
func (n *memoryNetwork) cut() {
	n.mu.Lock()
	listener, open := n.listener, n.open
	n.listener, n.open = nil, nil
	n.mu.Unlock()
	_ = listener.Close()
	for _, c := range open {
		_ = c.Close()
	}
}

func (n *memoryNetwork) dial(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	listener := n.listener
	n.mu.Unlock()
	if listener == nil {
		return nil, net.ErrClosed
	}
	c, err := listener.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open = append(n.open, c)
	return c, nil
}

// registered is a lab whose hosts are there already: they register with their names.
type registered struct{ enrolledHosts }

func (registered) Register(_ context.Context, r protocol.Registration) (string, error) {
	return r.InstanceName, nil
}

// hostsTrial is a lab with fake agents on a bad network.
type hostsTrial struct {
	*bubble
	random   *rand.Rand
	mu       sync.Mutex // of random
	network  memoryNetwork
	tls      *tls.Config
	stop     func()
	agents   []*agentstest.Agent
	calm     bool // no faults
	restarts int
}

// serve serves a lab to the agents.
func (h *hostsTrial) serve(l *Lab) {
	h.lab = l
	ctx, cancel := context.WithCancel(context.Background())
	server := protocol.New(registered{enrolledHosts{l}}, protocol.Options{OlderBuild: assist.OlderBuild})
	connectAgents(l, server)
	served := make(chan error, 1)
	listener := h.network.listen()
	go func() { served <- server.Serve(ctx, listener, h.tls) }()
	h.stop = func() { cancel(); <-served }
}

// crash kills the lab, and starts another one with what the first one has kept.
func (h *hostsTrial) crash(down time.Duration) {
	h.network.cut() // first: what the lab would still answer is not in the copy
	data := crash(h.t, h.lab)
	h.stop()
	time.Sleep(down)
	h.serve(newLab(h.t, Options{Data: data}))
	h.restarts++
}

// connected reports whether the lab can notify an agent.
func (h *hostsTrial) connected(a *agentstest.Agent) bool {
	e := enrolledHostOf(h.lab, a.InstanceID())
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.channel
}

func (h *hostsTrial) draw(n int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.random.IntN(n)
}

func (h *hostsTrial) chance(percent int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.calm && h.random.IntN(100) < percent
}

func (h *hostsTrial) setCalm(calm bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calm = calm
}

// fault chooses what happens to a request of an agent. A report of output is not doubled: an agent does not send it twice, and another
// one could not be told from it.
func (h *hostsTrial) fault(r *http.Request) agentstest.Fault {
	report := strings.Contains(r.URL.Path, "/task/")
	switch lost := h.chance(6); {
	case lost && h.draw(2) == 0:
		return agentstest.LoseRequest
	case lost:
		return agentstest.LoseAnswer
	case report && !strings.HasSuffix(r.URL.Path, "/running") && h.chance(5):
		return agentstest.Double
	}
	if h.chance(5) {
		time.Sleep(time.Duration(h.draw(4000)) * time.Millisecond)
	}
	return agentstest.NoFault
}

// TestHostsOnABadNetwork has hosts, 5 or MUSTER_TEST_HOSTS, run real scripts for ten minutes, while requests and responses are lost, doubled and late, connections
// break, agents are killed and restarted, and the lab is killed. No task runs twice, and what the lab says of it is right.
func TestHostsOnABadNetwork(t *testing.T) {
	hosts := 5
	if os.Getenv("MUSTER_TEST_HOSTS") != "" {
		if _, err := fmt.Sscan(os.Getenv("MUSTER_TEST_HOSTS"), &hosts); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { trialOfHosts(t, hosts, seed) })
		})
	}
}

func trialOfHosts(t *testing.T, hosts int, seed uint64) {
	h := &hostsTrial{bubble: &bubble{t: t}, calm: true, random: rand.New(rand.NewPCG(seed, 1))}
	config, files, err := secure(t.TempDir(), []string{"lab.example"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.tls = config
	authority, err := os.ReadFile(files.authority)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)

	var instances []Instance
	for n := range hosts {
		it := enrolledInstance(fmt.Sprintf("mi-%d", n+1), "")
		it.AgentVersion = "2.2.3." + []string{"578", "631", "857"}[n%3]
		it.Managed.Enrolment.MachineId = "machine"
		it.Managed.Enrolment.Fingerprint = "fingerprint"
		instances = append(instances, it)
	}
	h.serve(newLab(t, Options{Data: t.TempDir(), Instances: instances}))
	defer func() { h.stop() }()
	for n, it := range instances {
		a, err := agentstest.New(agentstest.Options{
			Endpoint: "lab.example:8443", TLS: &tls.Config{RootCAs: roots, ServerName: "lab.example"}, RegionId: "cn-hangzhou",
			ActivationId: "6c616200-0000-4000-a000-000000000001", ActivationCode: "a-hz0000000000",
			InstanceName: it.InstanceId, MachineId: "machine", Build: []int{578, 631, 857}[n%3], Key: hostKey(),
			Run: agentstest.Shell(t.TempDir()), Dial: h.network.dial, Wrap: agentstest.Faults(h.fault),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		h.agents = append(h.agents, a)
		if err := a.Register(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.setCalm(false)
	for _, a := range h.agents {
		a.Start(false)
	}
	synctest.Wait()

	var sent, ids []string
	agents := map[string]*agentstest.Agent{}
	for _, a := range h.agents {
		ids = append(ids, a.InstanceID())
		agents[a.InstanceID()] = a
	}
	for began := time.Now(); time.Since(began) < 10*time.Minute; {
		for some := range slices.Chunk(ids, 50) {
			r := shell("echo one; echo two >&2; exit 3")
			r.InstanceId, r.Timeout = some, 60
			sent = append(sent, h.must(r).(*assist.RunCommandResponse).InvokeId)
		}
		time.Sleep(time.Duration(5+h.draw(20)) * time.Second)
		for _, a := range h.agents {
			if h.chance(4) {
				a.Drop()
			}
			// Without a channel an agent has to be restarted, as the guide says: it tries again in half an hour.
			if h.chance(3) || !h.connected(a) && h.chance(50) {
				a.Kill()
				a.Start(false)
			}
		}
		if h.chance(10) {
			h.crash(time.Duration(h.draw(20)) * time.Second)
		}
	}
	h.setCalm(true)
	time.Sleep(5 * time.Minute)
	for _, a := range h.agents {
		a.Close()
	}

	counts := map[string]int{}
	for _, id := range sent {
		for _, it := range h.describe(id).InvokeInstances.InvokeInstance {
			starts := agents[it.InstanceId].Starts()[id]
			counts[strings.TrimSpace(it.InvocationStatus+" "+it.ErrorCode)]++
			switch {
			case starts > 1:
				t.Errorf("%s ran %d times on %s", id, starts, it.InstanceId)
			case it.InvocationStatus == "Failed" && (starts != 1 || it.ExitCode != 3):
				t.Errorf("%s on %s: %+v, but it ran %d times", id, it.InstanceId, it, starts)
			case it.InvocationStatus == "Error" && (it.ErrorCode != "ClientNotResponse" || starts != 1):
				t.Errorf("%s on %s: %+v, but it ran %d times", id, it.InstanceId, it, starts)
			case it.InvocationStatus != "Failed" && it.InvocationStatus != "Aborted" && it.InvocationStatus != "Error":
				t.Errorf("%s on %s: %+v", id, it.InstanceId, it)
			case it.ErrorCode == "DeliveryTimeout" && starts != 0:
				t.Errorf("%s on %s was not delivered, but ran", id, it.InstanceId)
			}
		}
	}
	for _, a := range h.agents {
		for _, v := range a.Violations() {
			t.Error(v)
		}
	}
	t.Logf("%d invocations on %d hosts, %d restarts: %v", len(sent), hosts, h.restarts, counts)
}
