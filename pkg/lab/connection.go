package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Connection is what a client needs to reach a lab: it holds a secret.
type Connection struct {
	Endpoint        string // host:port, spoken to in plain HTTP
	AccessKeyId     string
	AccessKeySecret string
	RegionId        string
	Pid             int // of the process that serves the lab
}

// WriteConnection leaves a connection where other processes of the same user find it.
func WriteConnection(path string, c Connection) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a directory for the lab's connection: %w", err)
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	temporary := fmt.Sprintf("%s.%d", path, c.Pid)
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the lab's connection: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write the lab's connection: %w", err)
	}
	return nil
}

// ReadConnection reads what WriteConnection wrote. Without a lab, the error is fs.ErrNotExist.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	text, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("read the lab's connection: %w", err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("read the lab's connection in %s: %w", path, err)
	}
	return c, nil
}

// RemoveConnection takes a connection away, unless another lab has left its own there since.
func RemoveConnection(path string, c Connection) error {
	there, err := ReadConnection(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && there != c {
		return nil
	}
	return os.Remove(path)
}
