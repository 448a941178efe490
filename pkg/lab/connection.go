package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// connectionPatience is how long a lab on this machine may take to take a connection.
const dialTimeout = 2 * time.Second

// Connection is what a client needs to reach a lab: it holds a secret.
type Connection struct {
	Endpoint        string // host:port, spoken to in plain HTTP
	AccessKeyId     string
	AccessKeySecret string
	RegionId        string
	Pid             int // of the process that serves the lab
}

// connections are those of the labs of one user: the one that was started last, and the others that ran then, newest first.
type connections struct {
	Connection
	Earlier []Connection `json:",omitempty"`
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

// WriteConnection leaves a connection where other processes of the same user find it, before those of labs that run already.
func WriteConnection(ctx context.Context, path string, c Connection) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a directory for the lab's connection: %w", err)
	}
	before, err := ReadConnections(path)
	if err != nil {
		before = nil // whatever that was, it is of no use to anybody
	}
	before = slices.DeleteFunc(before, func(other Connection) bool { return other.Endpoint == c.Endpoint || !other.Reachable(ctx) })
	return connections{c, before}.write(path)
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

// ReadConnections reads what WriteConnection has written: the lab that was started last, and those that ran then. Without
// a lab, the error is fs.ErrNotExist.
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

// RemoveConnection takes a connection away, and leaves those of other labs that run.
func RemoveConnection(ctx context.Context, path string, c Connection) error {
	there, err := ReadConnections(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !slices.Contains(there, c) {
		return nil
	}
	there = slices.DeleteFunc(there, func(other Connection) bool { return other == c || !other.Reachable(ctx) })
	if len(there) == 0 {
		return os.Remove(path)
	}
	return connections{there[0], there[1:]}.write(path)
}
