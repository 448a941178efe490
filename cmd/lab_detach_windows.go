package cmd

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// inOwnSession makes a command outlive the console.
func inOwnSession(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
}
