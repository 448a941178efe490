package runner

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// writeExecutable writes a file that can be run at once. While a file is open for writing no process may be forked: the
// child would hold it open until its own exec, and running the file would fail with "text file busy" (go.dev/issue/22315).
func writeExecutable(path string, content []byte, mode fs.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Chmod(mode), f.Close()) // Chmod, for a strict umask
}

// shellWord quotes a path where it has to be: temporary directories may have spaces in their names.
func shellWord(path string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/._-+@%", c)
	}
	if strings.IndexFunc(path, func(c rune) bool { return !plain(c) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
