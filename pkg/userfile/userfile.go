// Package userfile reads the files that a user has written, and shortens their paths for messages.
package userfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrPipe reports a file that would block its reader.
var ErrPipe = errors.New("it is a pipe or a socket, not a file")

// Read reads a whole file, without the UTF-8 byte order mark that some editors write at its start. It returns [ErrPipe] instead of
// reading a pipe or a socket, or a link to one.
func Read(path string) ([]byte, error) {
	if IsPipe(path) {
		return nil, ErrPipe
	}
	text, err := os.ReadFile(path)
	return TrimBOM(text), err
}

// IsPipe reports whether a file exists and is a pipe or a socket, or a link to one.
func IsPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}

// TrimBOM returns text without a UTF-8 byte order mark at its start.
func TrimBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// Display returns a path with ~ for the home directory, which may be empty.
func Display(path, home string) string {
	if home == "" {
		return path
	}
	if rest, ok := strings.CutPrefix(path, filepath.Clean(home)+string(filepath.Separator)); ok {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}
