package cmd

import (
	"context"
	"os/exec"
	"syscall"
)

// shellCommand returns a command for the shell. It is killed when the context ends.
func shellCommand(ctx context.Context, text string) *exec.Cmd {
	command := exec.CommandContext(ctx, "cmd")
	command.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /s /c "` + text + `"`}
	return command
}

// runGroup runs the command.
func runGroup(command *exec.Cmd) error { return command.Run() }
