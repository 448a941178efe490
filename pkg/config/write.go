package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Add adds settings to config.yaml, whose other lines stay as they are, and gives the file as people see it. A setting that
// the file has already is an error.
func Add(opts Options, settings []Setting) (shown string, err error) {
	o := opts.withDefaults()
	path, err := File(o)
	if err != nil {
		return "", err
	}
	shown = o.display(path)
	text, err := os.ReadFile(path)
	if err != nil && !absent(err) {
		return shown, &FileError{Path: shown, Err: reason(err)}
	}
	var names []string
	for _, key := range Keys() {
		names = append(names, key.Name)
	}
	before := readDocument(shown, text, names, false)
	if err := before.err(); err != nil {
		return shown, err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	for _, s := range settings {
		if e, ok := before.values[s.Key]; ok {
			return shown, &Error{Key: s.Key, Value: e.text, Origin: e.place, Reason: fmt.Sprintf("is set already, and not to %s: change it there", s.Value)}
		}
		line, err := yaml.Marshal(map[string]string{s.Key: s.Value})
		if err != nil {
			return shown, fmt.Errorf("write %s: %w", shown, err)
		}
		text = append(text, line...)
	}
	after := readDocument(shown, text, names, false)
	if err := after.err(); err != nil {
		return shown, fmt.Errorf("nothing can be added behind what the file has: %w", err)
	}
	for _, s := range settings {
		if after.values[s.Key].text != s.Value {
			return shown, &FileError{Path: shown, Err: fmt.Errorf("%s cannot be added behind what the file has", s.Key)}
		}
	}
	return shown, replace(path, shown, text)
}

// replace puts a file in another's place in one step, for the user's eyes alone. A link goes on pointing to it.
func replace(path, shown string, text []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	failed := func(err error) error { return &FileError{Path: shown, Err: reason(err)} }
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return failed(err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), strings.TrimPrefix(filepath.Base(path), ".")+".*") // 0600
	if err != nil {
		return failed(err)
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return failed(err)
	}
	return nil
}
