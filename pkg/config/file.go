package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/viper"
)

// readFile reads config.yaml into l, which must still be empty, and returns a warning for each key that is no
// setting. A file that is not there is like an empty one.
func (l *layers) readFile(o Options, known []string) (warnings []string, err error) {
	path, err := File(o)
	if err != nil {
		return nil, nil //nolint:nilerr // no home, so no file in it
	}
	l.file = o.display(path)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &FileError{Path: l.file, Err: reason(err)}
	}
	if err := l.viper.ReadConfig(bytes.NewReader(data)); err != nil {
		return nil, yamlError(l.file, data, err)
	}

	var unknown []string
	for _, key := range l.viper.AllKeys() {
		key, _, _ = strings.Cut(key, nested)
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
			continue
		}
		switch l.viper.Get(key).(type) {
		case []any, map[string]any:
			return nil, &Error{Key: key, Value: "…", Origin: "file " + l.file, Reason: "must be a single value"}
		}
	}
	slices.Sort(unknown)
	for _, key := range slices.Compact(unknown) {
		warning := fmt.Sprintf("%s: unknown key %q is ignored", l.file, key)
		if guess := nearest(key, known)[0]; 2*distance(key, guess) <= len(key) {
			warning += fmt.Sprintf("; did you mean %q?", guess)
		}
		warnings = append(warnings, warning)
	}
	return warnings, nil
}

// yamlError makes a FileError of what viper says about data. The YAML package names most lines itself, in its text;
// where it does not, the line is the first with which the file, cut off behind it, is refused in the same words.
func yamlError(path string, data []byte, err error) error {
	text := yamlReason(err)
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
		line, _ := strconv.Atoi(m[1])
		text = strings.TrimPrefix(text, m[0])
		if strings.Contains(text, "into map[string]interface") {
			text = "must be lines of the form key: value"
		}
		return &FileError{Path: path, Line: line, Err: errors.New(text)}
	}
	failed := &FileError{Path: path, Err: errors.New(text)}
	end := 0
	for line, content := range bytes.SplitAfter(data, []byte("\n")) {
		end += len(content)
		v := viper.New()
		v.SetConfigType("yaml")
		if err := v.ReadConfig(bytes.NewReader(data[:end])); err != nil && yamlReason(err) == text {
			failed.Line = line + 1
			break
		}
	}
	return failed
}

// yamlReason strips the wrapping of viper and of the YAML package, and all but the first of several errors.
func yamlReason(err error) string {
	var parse viper.ConfigParseError
	if errors.As(err, &parse) {
		err = parse.Unwrap()
	}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	text, _, _ = strings.Cut(text, "\n")
	return text
}

// reason takes the path out of an error that is about to be told with its path.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Op, path.Err)
	}
	return err
}
