package config

import (
	"errors"
	"testing"
)

func TestErrorTexts(t *testing.T) {
	cause := errors.New("permission denied")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&Error{Key: "rate", Value: "x", Origin: "env MUSTER_RATE", Reason: "must be a number"}, `rate: "x" (env MUSTER_RATE): must be a number`},
		{&FileError{Path: "~/c.yaml", Line: 3, Err: cause}, "~/c.yaml:3: permission denied"},
		{&FileError{Path: "~/c.yaml", Err: cause}, "~/c.yaml: permission denied"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	if !errors.Is(&FileError{Err: cause}, cause) {
		t.Error("the error does not wrap its cause")
	}
}
