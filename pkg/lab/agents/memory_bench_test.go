package agents

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

const hostsInBench = 1000

// BenchmarkConnectedHosts measures the server's memory for a host that is connected and at rest. The hosts are in another process.
func BenchmarkConnectedHosts(b *testing.B) {
	lab := newMemoryLab()
	key, err := testKey()
	if err != nil {
		b.Fatal(err)
	}
	for i := range hostsInBench {
		lab.hosts[fmt.Sprint("mi-", i)] = &memoryHost{identity: Identity{MachineId: "machine", PublicKey: &key.PublicKey}}
	}
	connected := func() bool { // the caller holds lab.mu
		for _, h := range lab.hosts {
			if l := len(h.connections); l == 0 || !h.connections[l-1] {
				return false
			}
		}
		return true
	}
	for b.Loop() {
		ts := serve(b, lab, Options{})
		before := memoryInUse()
		hosts := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestHostsOfBench$")
		hosts.Env = append(os.Environ(), "MUSTER_BENCH_SERVER="+ts.address)
		in, err := hosts.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := hosts.Start(); err != nil {
			b.Fatal(err)
		}
		if err := pem.Encode(in, &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}); err != nil {
			b.Fatal(err)
		}
		lab.await(b, "all hosts connected", connected)
		b.ReportMetric(float64(memoryInUse()-before)/hostsInBench, "bytes/host")
		if err := in.Close(); err != nil {
			b.Fatal(err)
		}
		_ = hosts.Wait()
		ts.stop()
	}
}

func memoryInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// TestHostsOfBench is the process with the hosts of BenchmarkConnectedHosts.
func TestHostsOfBench(t *testing.T) {
	server := os.Getenv("MUSTER_BENCH_SERVER")
	if server == "" {
		t.Skip("this is no test")
	}
	in := bufio.NewReader(os.Stdin)
	var text strings.Builder
	for !strings.HasSuffix(text.String(), "-----END RSA PRIVATE KEY-----\n") {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(line)
	}
	block, _ := pem.Decode([]byte(text.String()))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}}
	for i := range hostsInBench {
		header := signedWith(t, key, fmt.Sprint("mi-", i), "machine", "r-1", time.Now()).Header
		conn, _, err := websocket.Dial(t.Context(), "wss://"+server+"/luban/notify_server", &websocket.DialOptions{HTTPClient: client, HTTPHeader: header})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := conn.Write(t.Context(), websocket.MessageText, []byte("accept:kick_vm")); err != nil {
			t.Fatal(err)
		}
		go func() { _, _, _ = conn.Read(context.Background()) }()
	}
	_, _ = io.Copy(io.Discard, in) // until the benchmark ends
	runtime.KeepAlive(client)
}
