package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pkg/term"
)

// silent is a stdin that stays open without data.
type silent struct{ begun chan struct{} }

func (s silent) Read([]byte) (int, error) {
	s.begun <- struct{}{}
	select {}
}

func TestInputEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stdin := silent{make(chan struct{}, 2)}
	a := newApp(term.New(stdin, io.Discard, io.Discard, nil), func(string) string { return "" })
	input, err := a.openInput(ctx, "-")
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-stdin.begun; cancel() }()
	if _, err := io.ReadAll(input); !errors.Is(err, context.Canceled) {
		t.Errorf("reading ended with %v, want that the context was cancelled", err)
	}
	if _, err := a.readTerms(ctx, "-"); exitCode(err) != exitInterrupted {
		t.Errorf("exit code %d for %v, want %d", exitCode(err), err, exitInterrupted)
	}
}

func TestInputIsComplete(t *testing.T) {
	path, content := filepath.Join(t.TempDir(), "long"), strings.Repeat("line\n", 100_000)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	a := newApp(term.New(strings.NewReader(content), io.Discard, io.Discard, nil), func(string) string { return "" })
	for _, name := range []string{path, "-"} {
		input, err := a.openInput(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := io.ReadAll(input); err != nil || string(read) != content {
			t.Errorf("%s: read %d bytes and %v, want %d", name, len(read), err, len(content))
		}
		if err := input.Close(); err != nil {
			t.Error(err)
		}
	}
}
