package term

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
)

func TestIsBrokenPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = w.WriteString("x")
	if !IsBrokenPipe(fmt.Errorf("print the results: %w", err)) {
		t.Errorf("%v is not recognised as a broken pipe", err)
	}

	reader, writer := io.Pipe()
	reader.Close()
	if _, err := writer.Write([]byte("x")); !IsBrokenPipe(err) {
		t.Errorf("%v is not recognised as a broken pipe", err)
	}
	for _, err := range []error{nil, io.EOF, errors.New("broken pipe")} {
		if IsBrokenPipe(err) {
			t.Errorf("%v is recognised as a broken pipe", err)
		}
	}
}
