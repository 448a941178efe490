package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// LabProfile is the profile that stands for the lab on this machine. It needs no entry in any file, and hides one
// that the aliyun CLI may have.
const LabProfile = "lab"

// Profile is what a profile of the aliyun CLI says apart from its secrets.
type Profile struct {
	Name     string
	Mode     string
	RegionID string
	Endpoint string
}

// Profiles returns the profiles that can be chosen, the lab last, and which of them the aliyun CLI has as its current
// one, if any.
func Profiles(opts Options) (current string, list []Profile, err error) {
	s := readStore(opts.withDefaults())
	if s.broken != nil {
		return "", nil, s.broken
	}
	list = slices.DeleteFunc(s.profiles, func(p Profile) bool { return p.Name == LabProfile })
	return s.current, append(list, Profile{Name: LabProfile, Mode: LabProfile}), nil
}

// store is the aliyun CLI's config.json, or the reason why there is none.
type store struct {
	path     string // empty without a file
	shown    string
	absent   string
	ignored  bool
	empty    bool       // there is a file, and nothing in it
	broken   *FileError // why it cannot be used
	current  string
	profiles []Profile

	gone        *Error // why there is no current profile, although the file names one
	currentLine int
}

const (
	storeEnv      = "ALIBABA_CLOUD_CONFIG_FILE"
	ignoreProfile = "IGNORE_PROFILE"
	// defaultProfile is the current profile of a file that names none, if the file has it.
	defaultProfile = "default"
)

func (o Options) storePath() string {
	path := o.Getenv(storeEnv)
	if path == "" && o.Home != "" {
		path = filepath.Join(o.Home, ".aliyun", "config.json")
	}
	return path
}

func readStore(o Options) *store {
	path := o.storePath()
	s := &store{shown: o.display(path)}
	if name, value := o.cloudEnv(ignoreProfile); value == "TRUE" {
		s.ignored = true
		s.absent = name + "=TRUE sets the profiles of the aliyun CLI aside"
		return s
	}
	if path == "" {
		s.absent = "there is no home directory to look for ~/.aliyun/config.json"
		return s
	}
	data, err := readSettings(path)
	if absent(err) {
		s.absent = s.shown + " does not exist"
		return s
	}
	if err != nil {
		s.broken = &FileError{Path: s.shown, Err: reason(err)}
		return s
	}
	if data = withoutBOM(data); len(bytes.TrimSpace(data)) == 0 {
		s.path, s.empty, s.absent = path, true, s.shown+" is empty"
		return s
	}

	// Only these fields are decoded, so that no secret gets into memory or into an error's text.
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
		s.broken = jsonError(s.shown, data, err)
		return s
	}
	s.path = path
	for _, p := range content.Profiles {
		s.profiles = append(s.profiles, Profile(p))
	}
	s.useCurrent(cmp.Or(content.Current, defaultProfile), data)
	return s
}

// useCurrent makes a profile the current one, if there is such a profile.
func (s *store) useCurrent(name string, data []byte) {
	if _, ok := s.find(name); ok {
		s.current = name
		return
	}
	if name == LabProfile { // which is always there
		s.current = name
		return
	}
	if name != defaultProfile {
		s.currentLine = lineOf(data, "current")
		s.gone = s.unknown(name, fmt.Sprintf("current of %s:%d", s.shown, s.currentLine))
	}
}

func (s *store) find(name string) (Profile, bool) {
	for _, p := range s.profiles {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// names are those of all profiles, the lab first.
func (s *store) names() []string {
	known := []string{LabProfile}
	for _, p := range s.profiles {
		if p.Name != LabProfile {
			known = append(known, p.Name)
		}
	}
	return known
}

func (s *store) unknown(name, origin string) *Error {
	known := byDistance(name, s.names())
	why := s.absent
	if why == "" {
		why = "no such profile in " + s.shown
	}
	return &Error{
		Key: keyProfile, Value: name, Origin: origin, Known: known,
		Reason: why,
	}
}

func jsonError(path string, data []byte, err error) *FileError {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
		err = errors.New("not valid JSON: " + syntax.Error())
	case errors.As(err, &kind):
		offset = kind.Offset
		err = fmt.Errorf("%s must not be of the type %s", cmp.Or(kind.Field, "the file"), kind.Value)
	}
	failed := &FileError{Path: path, Err: err}
	if offset >= 0 && offset <= int64(len(data)) {
		failed.Line = 1 + bytes.Count(data[:offset], []byte("\n"))
	}
	return failed
}

// lineOf returns the line of a key at the top of a JSON object that is valid, or 0 where it is not there.
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
