package runner

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// exitCode cannot tell here whether a process was killed.
func exitCode(state *os.ProcessState) (code int, byItself bool) {
	return state.ExitCode(), false
}

func killProcess(p *os.Process, tree bool) error {
	if tree {
		// It follows the parents' numbers, so it must come before the parent is gone. What it cannot do, Kill reports.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = exec.CommandContext(ctx, "taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run()
	}
	return p.Kill()
}

// groups has nothing to know: there are no process groups to find left-over children by.
type groups struct {
	own       string
	subreaper subreaper
}

func newGroups(string) *groups { return &groups{} }

func (g *groups) env() []string { return nil }

func (g *groups) leave(int) {}

func (g *groups) end() {}
