package agentstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Shell returns an [Options.Run] that runs scripts with sh, as files in a directory. It kills sh alone, as the mode Process of an agent.
func Shell(dir string) func(context.Context, Task, io.Writer) int {
	return func(ctx context.Context, t Task, output io.Writer) int {
		path := filepath.Join(dir, fmt.Sprintf("%s.iv%d.sh", t.ID, t.Version))
		if err := writeScript(path, t.Content); err != nil {
			_, _ = fmt.Fprintln(output, err)
			return -1
		}
		command := exec.CommandContext(ctx, "sh", "-c", path)
		command.Dir = t.WorkingDir
		command.Stdout, command.Stderr = output, output
		command.WaitDelay = 200 * time.Millisecond
		err := command.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode()
		}
		if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
			_, _ = fmt.Fprintln(output, err)
			return -1
		}
		return 0
	}
}

// writeScript writes a script. No process may be forked meanwhile: it would inherit the open file, which then cannot be executed.
func writeScript(path, content string) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(path, []byte(content), 0o755) //nolint:gosec // it is executed
}

// Files returns an [Options.WriteFile] that writes files below a directory, which stands for the root directory of the host.
func Files(root string) func(File) (int, string, string) {
	return func(f File) (errorNumber int, param, value string) {
		dir := filepath.Join(root, f.TargetDir)
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as agents do
			return 4, "", ""
		}
		path := filepath.Join(dir, f.Name)
		if _, err := os.Stat(path); err == nil && !f.Overwrite {
			return 0, "FileExist", f.Name
		}
		if err := os.WriteFile(path, f.Content, 0o644); err != nil { //nolint:gosec // as agents do
			return 1, "", ""
		}
		mode := os.FileMode(0o644)
		if f.Mode != "" {
			if _, err := fmt.Sscanf(f.Mode, "%o", &mode); err != nil {
				return 0, "InvalidFileMode", f.Mode
			}
		}
		if err := os.Chmod(path, mode); err != nil {
			return 3, "", ""
		}
		return 0, "", ""
	}
}
