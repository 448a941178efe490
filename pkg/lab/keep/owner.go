package keep

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// InUseError reports that another lab uses a data directory.
type InUseError struct {
	Dir      string
	Pid      int    // of the other lab; 0 if unknown
	Endpoint string // of the other lab; empty if it does not listen
	TLS      bool   // it listens for HTTPS
}

func (e *InUseError) Error() string {
	text := "the data directory " + e.Dir + " is in use by another lab"
	if e.Pid != 0 {
		text += fmt.Sprintf(": process %d", e.Pid)
	}
	switch {
	case e.Endpoint != "" && e.TLS:
		text += " on https://" + e.Endpoint
	case e.Endpoint != "":
		text += " on http://" + e.Endpoint
	}
	return text
}

// Owner identifies the lab that uses a data directory. It contains no secrets.
type Owner struct {
	Pid      int
	Endpoint string
	TLS      bool `json:",omitempty"`
}

func ownerPath(dir string) string { return filepath.Join(dir, "owner.json") }

// Write replaces the file that names the owner of dir.
func (o Owner) Write(dir string) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	temporary := ownerPath(dir) + ".new"
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("record the owner of the data directory: %w", err)
	}
	if err := os.Rename(temporary, ownerPath(dir)); err != nil {
		return fmt.Errorf("record the owner of the data directory: %w", err)
	}
	return nil
}

// RemoveOwner removes the file that names the owner of dir. Call it before closing the database: afterwards the file may be
// that of another lab.
func RemoveOwner(dir string) error { return os.Remove(ownerPath(dir)) }

// inUse returns the error for a locked directory, with the process id and endpoint that its owner has written.
func inUse(dir string) error {
	var o Owner
	if text, err := os.ReadFile(ownerPath(dir)); err == nil {
		_ = json.Unmarshal(text, &o) // if that fails, the error names only the directory
	}
	return &InUseError{Dir: dir, Pid: o.Pid, Endpoint: o.Endpoint, TLS: o.TLS}
}
