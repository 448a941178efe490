//go:build unix

package runner

import (
	"os"
	"os/exec"
	"path/filepath"
)

// installHostname puts a hostname command into binDir, for scripts that cannot have a host name of their own.
func installHostname(binDir string) error {
	if err := os.MkdirAll(binDir, 0o755); err != nil {
		return err
	}
	otherwise := `echo "hostname: not found" >&2; exit 127`
	if system, err := exec.LookPath("hostname"); err == nil {
		otherwise = "exec " + shellWord(system) + ` "$@"`
	}
	return writeExecutable(filepath.Join(binDir, "hostname"), []byte(`#!/bin/sh
if [ $# -eq 0 ] && [ -n "$HOSTNAME" ]; then
	printf '%s\n' "$HOSTNAME"
else
	`+otherwise+`
fi
`), 0o755)
}
