package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// LabProfile is the profile of the lab on this machine. It needs no entry in any file, and hides an aliyun CLI profile of the
// same name.
const LabProfile = "lab"

// Profile is a profile of the aliyun CLI without its secrets.
type Profile struct {
	Name     string
	Mode     string
	RegionID string
	Endpoint string
}

// Profiles returns the profiles that can be chosen, the lab last, and the name of the aliyun CLI's current one, if any. An
// error is a [*FileError].
func Profiles(opts Options) (current string, list []Profile, err error) {
	s := readCLIConfig(opts.withDefaults())
	if s.broken != nil {
		return "", nil, s.broken
	}
	list = slices.DeleteFunc(s.profiles, func(p Profile) bool { return p.Name == LabProfile })
	return s.current, append(list, Profile{Name: LabProfile, Mode: LabProfile}), nil
}

// cliConfig is the aliyun CLI's config.json, or the reason why there is none.
type cliConfig struct {
	path        string // empty without a file
	displayPath string
	absent      string // why there is no file or no content
	ignored     bool
	empty       bool       // the file has no content
	broken      *FileError // why the file cannot be used
	current     string
	profiles    []Profile

	noCurrent   *Error // set if the file names a current profile that it does not have
	currentLine int
}

const (
	cliConfigEnv  = "ALIBABA_CLOUD_CONFIG_FILE"
	ignoreProfile = "IGNORE_PROFILE"
	// defaultProfile is the current profile of a file that does not name one, if it exists.
	defaultProfile = "default"
)

func (o Options) cliConfigPath() string {
	path := os.Getenv(cliConfigEnv)
	if path == "" && o.Home != "" {
		path = filepath.Join(o.Home, ".aliyun", "config.json")
	}
	return path
}

func readCLIConfig(o Options) *cliConfig {
	path := o.cliConfigPath()
	s := &cliConfig{displayPath: o.display(path)}
	if name, value := cloudEnv(ignoreProfile); value == "TRUE" {
		s.ignored = true
		s.absent = name + "=TRUE ignores the profiles of the aliyun CLI"
		return s
	}
	if path == "" {
		s.absent = "there is no home directory to look for ~/.aliyun/config.json"
		return s
	}
	data, err := readSettings(path)
	if absent(err) {
		s.absent = s.displayPath + " does not exist"
		return s
	}
	if err != nil {
		s.broken = &FileError{Path: s.displayPath, Err: reason(err)}
		return s
	}
	if len(bytes.TrimSpace(data)) == 0 {
		s.path, s.empty, s.absent = path, true, s.displayPath+" is empty"
		return s
	}

	// Only these fields are decoded, to keep secrets out of memory and of error texts.
	var content struct {
		Current  string `json:"current"`
		Profiles []struct {
			Name     string `json:"name"`
			Mode     string `json:"mode"`
			RegionID string `json:"region_id"`
			Endpoint string `json:"endpoint"`
		} `json:"profiles"`
	}
	if err := json.Unmarshal(data, &content); err != nil {
		s.broken = jsonError(s.displayPath, data, err)
		return s
	}
	s.path = path
	for _, p := range content.Profiles {
		s.profiles = append(s.profiles, Profile(p))
	}
	s.useCurrent(cmp.Or(content.Current, defaultProfile), data)
	return s
}

// useCurrent sets the current profile, or noCurrent if there is no such profile.
func (s *cliConfig) useCurrent(name string, data []byte) {
	if _, ok := s.find(name); ok {
		s.current = name
		return
	}
	if name == LabProfile { // it always exists
		s.current = name
		return
	}
	if name != defaultProfile {
		s.currentLine = lineOf(data, "current")
		s.noCurrent = s.unknown(name, fmt.Sprintf("current of %s:%d", s.displayPath, s.currentLine))
	}
}

func (s *cliConfig) find(name string) (Profile, bool) {
	for _, p := range s.profiles {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// names returns the names of all profiles, the lab first.
func (s *cliConfig) names() []string {
	known := []string{LabProfile}
	for _, p := range s.profiles {
		if p.Name != LabProfile {
			known = append(known, p.Name)
		}
	}
	return known
}

// unknown returns the error for a profile that does not exist.
func (s *cliConfig) unknown(name, origin string) *Error {
	known := byDistance(name, s.names())
	why := s.absent
	if why == "" {
		why = "no such profile in " + s.displayPath
	}
	return &Error{
		Key: keyProfile, Value: name, Origin: origin, Known: known,
		Reason: why,
	}
}

// jsonError returns the FileError for a JSON error in data, with the line of the error.
func jsonError(path string, data []byte, err error) *FileError {
	offset := int64(-1)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
		err = errors.New("not valid JSON: " + syntax.Error())
	} else if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = kind.Offset
		err = fmt.Errorf("%s must not be of the type %s", cmp.Or(kind.Field, "the file"), kind.Value)
	}
	failed := &FileError{Path: path, Err: err}
	if offset >= 0 && offset <= int64(len(data)) {
		failed.Line = 1 + bytes.Count(data[:offset], []byte("\n"))
	}
	return failed
}

// lineOf returns the line of a top-level key of a valid JSON object, or 0 if there is no such key.
func lineOf(data []byte, key string) int {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		return 0
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return 0
		}
		if text, _ := name.(string); strings.EqualFold(text, key) {
			return 1 + bytes.Count(data[:decoder.InputOffset()], []byte("\n"))
		}
		if err := decoder.Decode(new(json.RawMessage)); err != nil {
			return 0
		}
	}
	return 0
}
