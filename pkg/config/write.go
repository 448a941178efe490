package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Add appends settings to config.yaml, leaves its other lines unchanged, and returns the displayed path of the file. A setting
// that the file already has is an error.
func Add(opts Options, settings []Setting) (displayPath string, err error) {
	o := opts.withDefaults()
	path, err := File(o)
	if err != nil {
		return "", err
	}
	displayPath = o.display(path)
	text, err := os.ReadFile(path)
	if err != nil && !absent(err) {
		return displayPath, &FileError{Path: displayPath, Err: reason(err)}
	}
	var names []string
	for _, key := range Keys() {
		names = append(names, key.Name)
	}
	before := parseSettings(displayPath, text, names, false)
	if err := before.err(); err != nil {
		return displayPath, err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	for _, s := range settings {
		if e, ok := before.values[s.Key]; ok {
			return displayPath, &Error{Key: s.Key, Value: e.text, Origin: e.place, Reason: fmt.Sprintf("is already set, and not to %s; change it there", s.Value)}
		}
		line, err := yaml.Marshal(map[string]string{s.Key: s.Value})
		if err != nil {
			return displayPath, fmt.Errorf("write %s: %w", displayPath, err)
		}
		text = append(text, line...)
	}
	after := parseSettings(displayPath, text, names, false)
	if err := after.err(); err != nil {
		return displayPath, fmt.Errorf("nothing can be appended to the file: %w", err)
	}
	for _, s := range settings {
		if after.values[s.Key].text != s.Value {
			return displayPath, &FileError{Path: displayPath, Err: fmt.Errorf("%s cannot be appended to the file", s.Key)}
		}
	}
	return displayPath, replace(path, displayPath, text)
}

// replace atomically replaces the file at path, or the target if path is a link, with one that only the user may read.
func replace(path, displayPath string, text []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	failed := func(err error) error { return &FileError{Path: displayPath, Err: reason(err)} }
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
