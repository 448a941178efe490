//go:build unix

package cmd

import (
	"context"
	"os/exec"
	"syscall"
)

// shellCommand returns a command for the shell in a session of its own: Ctrl-C at the terminal is for muster, and a program that
// would ask for a password fails at once. When the context ends, the process group is terminated.
func shellCommand(ctx context.Context, text string) *exec.Cmd {
	command := exec.CommandContext(ctx, "/bin/sh", "-c", text)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	return command
}

// runGroup runs the command, and kills what it leaves in its process group.
func runGroup(command *exec.Cmd) error {
	if err := command.Start(); err != nil {
		return err
	}
	defer func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }()
	return command.Wait()
}
