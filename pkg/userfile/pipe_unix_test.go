//go:build unix

package userfile

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

func TestReadRefusesPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrPipe) || !IsPipe(path) {
		t.Errorf("got %v", err)
	}
}
