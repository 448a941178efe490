//go:build unix

package runner

import (
	"os"
	"os/exec"
	"path/filepath"
)

// installHostname writes a hostname command to binDir that prints $HOSTNAME. It serves scripts that have no UTS namespace of
// their own.
func installHostname(binDir string) error {
	if err := os.MkdirAll(binDir, 0o755); err != nil {
		return err
	}
	fallback := `echo "hostname: not found" >&2; exit 127`
	if system, err := exec.LookPath("hostname"); err == nil {
		fallback = "exec " + quoteForShell(system) + ` "$@"`
	}
	return writeExecutable(filepath.Join(binDir, "hostname"), []byte(`#!/bin/sh
if [ $# -eq 0 ] && [ -n "$HOSTNAME" ]; then
	printf '%s\n' "$HOSTNAME"
else
	`+fallback+`
fi
`), 0o755)
}
