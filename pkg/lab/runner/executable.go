package runner

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// writeExecutable writes a file that can be executed immediately. No process is forked while the file is open for writing: the
// child would keep it open until its own exec, and executing the file would fail with "text file busy" (go.dev/issue/22315).
func writeExecutable(path string, content []byte, mode fs.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Chmod(mode), f.Close()) // Chmod because of the umask
}

// quoteForShell quotes a path for a shell if necessary: the names of temporary directories may contain spaces.
func quoteForShell(path string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/._-+@%", c)
	}
	if strings.IndexFunc(path, func(c rune) bool { return !plain(c) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
