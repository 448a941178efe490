package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// InUseError is why a lab cannot have a data directory: another lab has it.
type InUseError struct {
	Dir      string
	Pid      int    // of the other; 0 when it is not known
	Endpoint string // of the other; empty when it does not listen
}

func (e *InUseError) Error() string {
	text := "the data directory " + e.Dir + " is in use by another lab"
	if e.Pid != 0 {
		text += fmt.Sprintf(": process %d", e.Pid)
	}
	if e.Endpoint != "" {
		text += " on http://" + e.Endpoint
	}
	return text
}

// owner tells who has a data directory. It holds no secret.
type owner struct {
	Pid      int
	Endpoint string
}

func ownerPath(dir string) string { return filepath.Join(dir, "owner.json") }

func (o owner) write(dir string) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	temporary := ownerPath(dir) + ".new"
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("say whose the data directory is: %w", err)
	}
	if err := os.Rename(temporary, ownerPath(dir)); err != nil {
		return fmt.Errorf("say whose the data directory is: %w", err)
	}
	return nil
}

// inUse is the error about a directory that is locked, with what its owner has said of itself so far.
func inUse(dir string) error {
	var o owner
	if text, err := os.ReadFile(ownerPath(dir)); err == nil {
		_ = json.Unmarshal(text, &o) // without it the error names the directory alone
	}
	return &InUseError{Dir: dir, Pid: o.Pid, Endpoint: o.Endpoint}
}
