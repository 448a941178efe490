//go:build unix

package cmd

import (
	"os/exec"
	"syscall"
)

// inOwnSession makes a command outlive the terminal: neither Ctrl-C there nor its end reaches it.
func inOwnSession(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
