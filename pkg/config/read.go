package config

import (
	"errors"
	"io/fs"
	"os"
)

// errPipe reports a settings file that would block its reader.
var errPipe = errors.New("it is a pipe or a socket, not a file")

// errDangling reports a link to a file that does not exist, perhaps on a disk that is not mounted.
var errDangling = errors.New("it is a link to a file that does not exist")

// readSettings reads a whole settings file. A pipe is an error, because reading it may block, and so is a dangling link.
func readSettings(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0 {
		return nil, errPipe
	}
	if _, linked := os.Readlink(path); errors.Is(err, fs.ErrNotExist) && linked == nil {
		return nil, errDangling
	}
	return os.ReadFile(path)
}
