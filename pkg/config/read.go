package config

import (
	"errors"
	"io/fs"
	"os"
)

// errPipe reports a file that whoever opens it would wait for.
var errPipe = errors.New("it is a pipe or a socket, and no file")

// errDangling reports a link to a file that is not there, perhaps on a disk that is not mounted.
var errDangling = errors.New("it is a link to a file that does not exist")

// readSettings reads a settings file whole. A pipe is an error, since a read of it may never end, and so is a link to nothing.
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
