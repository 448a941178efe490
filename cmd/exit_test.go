package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/signal"
	"syscall"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/lab"
	"muster/pkg/target"
)

func TestExitCode(t *testing.T) {
	interrupted, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	stop()
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything else"), 1},
		{&assist.TransportError{Action: "RunCommand", Err: errors.New("refused")}, 1},
		{&assist.Error{Code: "InvalidRegionId.NotFound", HTTPStatus: http.StatusNotFound}, 64},
		{&fleet.UnknownInvocationError{InvokeId: "t-1"}, 1},
		{&outcomeError{exitUnsuccess}, 3},
		{&assist.CredentialsError{}, 4},
		{&assist.Error{Code: "Forbidden.RAM", HTTPStatus: http.StatusForbidden}, 4},
		{&assist.Error{Code: "SignatureDoesNotMatch", HTTPStatus: http.StatusBadRequest}, 4},
		{fleet.ErrWaitTimeout, 5},
		{usagef("no script"), 64},
		{&config.Error{Key: "region"}, 64},
		{&config.FileError{Path: "config.yaml", Err: errors.New("broken")}, 64},
		{assist.ValidationErrors{{Code: "CmdName.ExceedLimit"}}, 64},
		{&target.SyntaxError{}, 64},
		{&target.UnmatchedError{}, 64},
		{&target.NoInstancesError{}, 64},
		{&lab.FaultError{Err: errors.New("why")}, 64},
		{&lab.MismatchError{}, 64},
		{context.Canceled, 130},
		{context.Cause(interrupted), 130},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("%v: %d, want %d", test.err, got, test.want)
		}
		if test.err == nil {
			continue
		}
		if got := exitCode(errors.Join(fmt.Errorf("run: %w", test.err), nil)); got != test.want {
			t.Errorf("wrapped %v: %d, want %d", test.err, got, test.want)
		}
	}
}
