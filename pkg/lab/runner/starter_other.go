//go:build !linux

package runner

import (
	"context"
	"os/exec"
)

// starter starts processes where nothing need be kept in mind about threads and namespaces.
type starter struct {
	namesHosts bool
}

func newStarter(bool) *starter { return &starter{} }

func (s *starter) start(_ context.Context, cmd *exec.Cmd, _ string) error { return cmd.Start() }

func (s *starter) close() {}

// subreaper can be one on Linux only.
type subreaper struct{}

func (h *subreaper) begin() {}

func (h *subreaper) end() {}

// watchdog has no way here to find processes by their environment.
type watchdog struct{}

func newWatchdog(*starter, string, string) *watchdog { return &watchdog{} }

func (w *watchdog) begin(context.Context) error { return nil }

func (w *watchdog) dismiss() {}
