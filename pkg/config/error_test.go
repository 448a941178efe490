package config

import (
	"errors"
	"testing"
)

func TestErrorTexts(t *testing.T) {
	cause := errors.New("no way in")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&Error{Key: "rate", Value: "x", Origin: "env MUSTER_RATE", Reason: "must be a number"}, `rate: "x" (env MUSTER_RATE): must be a number`},
		{&FileError{Path: "~/c.yaml", Line: 3, Err: cause}, "~/c.yaml:3: no way in"},
		{&FileError{Path: "~/c.yaml", Err: cause}, "~/c.yaml: no way in"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	if !errors.Is(&FileError{Err: cause}, cause) {
		t.Error("the cause is lost")
	}
}
