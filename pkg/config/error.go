package config

import "fmt"

// Error reports that the value of a setting cannot be used.
type Error struct {
	Key    string
	Value  string
	Origin string
	Reason string
	// Known lists the possible values, the most similar first, if there is such a list.
	Known []string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %q (%s): %s", e.Key, e.Value, e.Origin, e.Reason)
}

// FileError reports that a settings file cannot be read or parsed. Line is 0 if the error has no line.
type FileError struct {
	Path string
	Line int
	Err  error
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.Path, e.Line, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }
