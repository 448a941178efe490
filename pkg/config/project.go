package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// projectFile is a project's settings, for all who work in it.
const projectFile = ".muster.yaml"

// readProject reads the nearest .muster.yaml from the working directory upwards: to the root of the repository, to the
// home directory, or to the top. One that neither the user nor root owns is not read: whoever may write into a directory
// above would say where other users' scripts go.
func readProject(o Options, known []string) *document {
	path, info := findProject(o)
	if path == "" {
		return new(document)
	}
	shown := o.display(path)
	stranger := &document{warnings: []string{fmt.Sprintf("%s is somebody else's, and is not read", shown)}}
	if !trusted(info) {
		return stranger
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0 {
		return unreadable(shown, true, errPipe)
	}
	file, err := os.Open(path)
	if err != nil {
		return unreadable(shown, true, err)
	}
	defer func() { _ = file.Close() }()
	// What was opened may be what a link points to.
	if info, err = file.Stat(); err == nil && !trusted(info) {
		return stranger
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return unreadable(shown, true, err)
	}
	d := readDocument(shown, data, known, true)
	d.dir = filepath.Dir(path)
	return d
}

func findProject(o Options) (path string, info fs.FileInfo) {
	if o.WorkDir == "" {
		return "", nil
	}
	for dir := filepath.Clean(o.WorkDir); ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, projectFile)
		if info, err := os.Lstat(path); err == nil && !info.IsDir() {
			return path, info
		}
		_, err := os.Lstat(filepath.Join(dir, ".git"))
		if !errors.Is(err, fs.ErrNotExist) || o.Home != "" && dir == filepath.Clean(o.Home) || dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}
