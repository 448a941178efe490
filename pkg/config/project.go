package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"muster/pkg/userfile"
)

// projectFile is the name of a project's settings file, which its members share.
const projectFile = ".muster.yaml"

// readProjectFile reads the nearest .muster.yaml. It searches from the working directory up to the root of the repository, the
// home directory or the root directory. A file that neither the user nor root owns is not read: otherwise, anyone who may write
// to a parent directory could choose where other users' scripts run.
func readProjectFile(o Options, known []string) *settingsFile {
	path, info := findProject(o)
	if path == "" {
		return new(settingsFile)
	}
	displayPath := o.display(path)
	untrusted := &settingsFile{warnings: []string{fmt.Sprintf("%s is not read, because another user owns it or everyone may write to it", displayPath)}}
	if !trusted(info) {
		return untrusted
	}
	if userfile.IsPipe(path) {
		return unreadable(displayPath, true, userfile.ErrPipe)
	}
	file, err := os.Open(path)
	if err != nil {
		return unreadable(displayPath, true, err)
	}
	defer func() { _ = file.Close() }()
	// If the path is a link, the opened file is its target.
	if info, err = file.Stat(); err == nil && !trusted(info) {
		return untrusted
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return unreadable(displayPath, true, err)
	}
	d := parseSettings(displayPath, data, known, true)
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
