package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// dialTimeout is how long a lab on this machine may take to accept a connection.
const dialTimeout = 2 * time.Second

// Connection has the endpoint and the keys of a lab, for clients. It contains a secret.
type Connection struct {
	Endpoint        string // host:port, for plain HTTP, or for HTTPS if there is a CAFile
	AccessKeyId     string
	AccessKeySecret string
	RegionId        string
	Pid             int    // process id of the lab
	Data            string `json:",omitempty"` // its data directory; empty if it stores nothing
	CAFile          string `json:",omitempty"` // with the certificate of its authority; empty without TLS
	CABundleFile    string `json:",omitempty"` // with that certificate and those that the system trusts
	Agents          string `json:",omitempty"` // host:port where it listens for agents of other hosts; empty if it does not
	AgentsCAFile    string `json:",omitempty"` // with the certificate that those agents must trust
}

// connections is the file of connections of one user: the lab that was started last, and the others that were running then,
// newest first.
type connections struct {
	Connection
	Earlier []Connection `json:",omitempty"`
}

// URL returns the endpoint as a URL.
func (c Connection) URL() string {
	if c.CAFile != "" {
		return "https://" + c.Endpoint
	}
	return "http://" + c.Endpoint
}

// Authorities returns the only authority whose certificates a client of the lab accepts, or nil for a lab without TLS.
func (c Connection) Authorities() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate of the lab's CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, &AuthorityError{c.CAFile, errors.New("is not a certificate")}
	}
	return pool, nil
}

// Reachable reports whether the lab accepts connections. A lab that was killed cannot remove its Connection.
func (c Connection) Reachable(ctx context.Context) bool {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", c.Endpoint)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// Health asks the lab for its health, which it returns once it answers calls. It uses no proxy.
func (c Connection) Health(ctx context.Context) (Health, error) {
	var health Health
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL()+healthPath, nil)
	if err != nil {
		return health, err
	}
	roots, err := c.Authorities()
	if err != nil {
		return health, err
	}
	response, err := (&http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}}).RoundTrip(request)
	if err != nil {
		return health, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return health, fmt.Errorf("the lab on %s responds with %s", c.Endpoint, response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&health); err != nil {
		return health, fmt.Errorf("read the health of the lab on %s: %w", c.Endpoint, err)
	}
	return health, nil
}

// WriteConnection adds a connection to the file at path, before those of other running labs. Other processes of the same user
// read it there with [ReadConnections].
func WriteConnection(ctx context.Context, path string, c Connection) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a directory for the lab's connection: %w", err)
	}
	others, err := ReadConnections(path)
	if err != nil {
		others = nil // a file that cannot be read is replaced
	}
	others = slices.DeleteFunc(others, func(other Connection) bool { return other.Endpoint == c.Endpoint || !other.Reachable(ctx) })
	return connections{c, others}.write(path)
}

func (c connections) write(path string) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	temporary := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the lab's connection: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write the lab's connection: %w", err)
	}
	return nil
}

// ReadConnections reads the connections that [WriteConnection] has written: the lab that was started last, and those that were
// running then. The result is not empty. Without a lab, the error is [fs.ErrNotExist].
func ReadConnections(path string) ([]Connection, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the lab's connection: %w", err)
	}
	var c connections
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("read the lab's connection in %s: %w", path, err)
	}
	return append([]Connection{c.Connection}, c.Earlier...), nil
}

// RemoveConnection removes a connection from the file at path, and those of labs that are not running any more. It removes the
// file with the last connection.
func RemoveConnection(ctx context.Context, path string, c Connection) error {
	all, err := ReadConnections(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !slices.Contains(all, c) {
		return nil
	}
	all = slices.DeleteFunc(all, func(other Connection) bool { return other == c || !other.Reachable(ctx) })
	if len(all) == 0 {
		return os.Remove(path)
	}
	return connections{all[0], all[1:]}.write(path)
}
