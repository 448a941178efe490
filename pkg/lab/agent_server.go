package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

// DefaultAgentPort is the port of an [AgentServer] whose address has none.
const DefaultAgentPort = "8443"

// AgentServer serves a lab to the official agents of real hosts.
type AgentServer struct {
	address   string
	authority string
	cancel    context.CancelFunc
	served    chan error
}

// ServeAgents serves a lab to agents until Close is called, over TLS, with a certificate that an authority of the lab's own has signed. The
// address is that of this machine by which hosts find it, as HOST or HOST:PORT. If it is one for all addresses of the machine, such as
// 0.0.0.0, hosts use the first of Options.AllowHosts or the machine's name. An address that other machines can reach is an error unless
// the lab's options allow it.
func ServeAgents(ctx context.Context, l *Lab, address string) (*AgentServer, error) {
	host, port := SplitAgentAddress(address)
	listener, err := listenAt(ctx, l, net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	s, err := serveAgentsOn(ctx, l, listener, host)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return s, nil
}

// SplitAgentAddress returns the host and the port of an address for agents, as HOST or HOST:PORT.
func SplitAgentAddress(address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return strings.Trim(address, "[]"), DefaultAgentPort
	}
	return host, port
}

func serveAgentsOn(ctx context.Context, l *Lab, listener net.Listener, host string) (*AgentServer, error) {
	names := append([]string{host}, l.allowHosts...)
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		if names = names[1:]; len(names) == 0 {
			name, err := os.Hostname()
			if err != nil {
				return nil, fmt.Errorf("find the name of this machine: %w", err)
			}
			names = []string{name}
		}
	}
	dir := filepath.Join(cmp.Or(l.data, l.dir), "agents")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the agents' authority: %w", err)
	}
	config, files, err := secure(dir, names, nil)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, err
	}
	server := protocol.New(enrolledHosts{l}, protocol.Options{
		Log: l.log, OlderBuild: assist.OlderBuild, OnRequest: l.callLog.logAgent, Wrap: l.faults.ofAgents,
	})
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &AgentServer{address: net.JoinHostPort(names[0], port), authority: files.authority, cancel: cancel, served: make(chan error, 1)}
	l.agentServer.Store(s)
	connectAgents(l, server)
	go func() { s.served <- server.Serve(serving, listener, config) }()
	return s, nil
}

// Address returns what agents need to find the server, as host:port, or "" for none.
func (s *AgentServer) Address() string {
	if s == nil {
		return ""
	}
	return s.address
}

// CAFile returns the path of the certificate that hosts must trust, or "" for no server.
func (s *AgentServer) CAFile() string {
	if s == nil {
		return ""
	}
	return s.authority
}

// Close stops the server and waits until it has stopped.
func (s *AgentServer) Close() error {
	if s == nil {
		return nil
	}
	s.cancel()
	return <-s.served
}
