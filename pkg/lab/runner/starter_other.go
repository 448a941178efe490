//go:build !linux

package runner

import (
	"context"
	"os/exec"
)

// starter starts processes. Here it does not depend on threads or namespaces.
type starter struct {
	setsHostnames bool
}

func newStarter(bool) *starter { return &starter{} }

func (s *starter) start(_ context.Context, cmd *exec.Cmd, _ string) error { return cmd.Start() }

func (s *starter) close() {}
