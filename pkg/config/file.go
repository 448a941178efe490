package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"
)

// entry is one value of a settings file.
type entry struct {
	text   string
	origin string
	place  string // the origin, and the line
	path   string // the file as people see it
	line   int
}

// document is one settings file. A file that is not there is like an empty one.
type document struct {
	shown    string
	dir      string
	found    bool
	project  bool
	values   map[string]entry
	profiles map[string]map[string]entry // what is for one profile alone
	order    []string                    // the profiles as they stand in the file
	lines    map[string]int              // where they stand
	defaults []Default
	groups   []Group
	warnings []string
	problems []Problem
}

// Default is what a settings file says of a command's flag.
type Default struct {
	Command string // its path without muster, such as "run" or "runs rerun"
	Flag    string
	Values  []string // several for a flag that can be repeated
	Origin  string
	Place   string // the origin, and the line
	Path    string // the file as people see it
	Line    int
	Project bool // the file is a project's, which may have come with what somebody else wrote
}

const (
	keyProfiles = "profiles"
	keyDefaults = "defaults"
	keyGroups   = "groups"
)

// readDocument reads a settings file, of which known are the keys that are settings. What it cannot use is left out, and is
// among the problems.
func readDocument(shown string, data []byte, known []string, project bool) *document {
	data = withoutBOM(data)
	d := &document{
		shown: shown, found: true, project: project,
		values: map[string]entry{}, profiles: map[string]map[string]entry{}, lines: map[string]int{},
	}
	if err := yaml.Unmarshal(data, new(map[string]any)); err != nil {
		d.problems = []Problem{fileProblem(BadSetting, yamlError(shown, data, err))}
		return d
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil || len(root.Content) == 0 {
		return d
	}
	top := slices.Concat(known, []string{keyProfiles, keyDefaults, keyGroups})
	eachPair(root.Content[0], func(key, value *yaml.Node) {
		switch name := strings.ToLower(key.Value); name {
		case keyProfiles:
			d.readProfiles(value, known)
		case keyDefaults:
			d.readDefaults(value)
		case keyGroups:
			d.readGroups(value)
		default:
			d.readValue(d.values, name, "file "+d.shown, key, value, known, top)
		}
	})
	return d
}

// unreadable is a settings file that cannot be read.
func unreadable(shown string, project bool, err error) *document {
	return &document{
		shown: shown, found: true, project: project,
		problems: []Problem{fileProblem(BadSetting, &FileError{Path: shown, Err: reason(err)})},
	}
}

// err is the first of the problems.
func (d *document) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return d.problems[0].Err
}

// readValue reads one setting into values.
func (d *document) readValue(values map[string]entry, name, origin string, key, value *yaml.Node, known, near []string) {
	if !slices.Contains(known, name) {
		d.warn(key, "key", near)
		return
	}
	value = resolved(value)
	switch {
	case value.Kind != yaml.ScalarNode:
		d.refuse(key, name, "…", "must be a single value")
	case d.project && name == keyEndpoint:
		d.refuse(key, name, value.Value,
			"not from a project's file, for calls signed with your keys would go there; set it in your own config.yaml, by --endpoint or MUSTER_ENDPOINT")
	case value.Tag != "!!null":
		values[name] = entry{text: value.Value, origin: origin, place: d.place(key), path: d.shown, line: key.Line}
	}
}

// refuse adds a value that cannot be used to the problems.
func (d *document) refuse(node *yaml.Node, key, value, why string) {
	d.problems = append(d.problems, Problem{
		Err:  &Error{Key: key, Value: value, Origin: d.place(node), Reason: why},
		Kind: BadSetting, Key: key, Path: d.shown, Line: node.Line,
	})
}

func (d *document) readProfiles(node *yaml.Node, known []string) {
	known = slices.DeleteFunc(slices.Clone(known), func(key string) bool { return key == keyProfile })
	d.eachNamed(node, keyProfiles, func(name string, key, block *yaml.Node) {
		values := map[string]entry{}
		d.profiles[name], d.lines[name] = values, key.Line
		d.order = append(d.order, name)
		d.eachNamed(block, keyProfiles+"."+name, func(setting string, key, value *yaml.Node) {
			d.readValue(values, strings.ToLower(setting), fmt.Sprintf("file %s (profile %s)", d.shown, name), key, value, known, known)
		})
	})
}

func (d *document) readDefaults(node *yaml.Node) {
	d.eachNamed(node, keyDefaults, func(command string, _, block *yaml.Node) {
		command = strings.Join(strings.Fields(command), " ")
		d.eachNamed(block, keyDefaults+"."+command, func(flag string, key, value *yaml.Node) {
			given := Default{Command: command, Flag: flag, Origin: "file " + d.shown, Place: d.place(key), Path: d.shown, Line: key.Line, Project: d.project}
			var ok bool
			if given.Values, ok = d.texts(key, value, keyDefaults+"."+command+"."+flag); ok && given.Values != nil {
				d.defaults = append(d.defaults, given)
			}
		})
	})
}

// texts reads a value, or a list of values, and reports whether it is one. Nothing is none.
func (d *document) texts(key, value *yaml.Node, name string) ([]string, bool) {
	value = resolved(value)
	list := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		list = value.Content
	}
	var all []string
	for _, item := range list {
		item = resolved(item)
		if item.Kind != yaml.ScalarNode {
			d.refuse(key, name, "…", "must be a value, or a list of values")
			return nil, false
		}
		if item.Tag != "!!null" {
			all = append(all, item.Value)
		}
	}
	return all, true
}

// eachNamed walks through what must be a mapping. Nothing is one, too.
func (d *document) eachNamed(node *yaml.Node, name string, do func(name string, key, value *yaml.Node)) {
	node = resolved(node)
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
	case node.Kind != yaml.MappingNode:
		d.refuse(node, name, "…", "must be lines of the form key: value")
	default:
		eachPair(node, func(key, value *yaml.Node) { do(key.Value, key, value) })
	}
}

// eachPair walks through a mapping, and through what it merges in and does not say itself.
func eachPair(node *yaml.Node, do func(key, value *yaml.Node)) {
	said := map[string]bool{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], resolved(node.Content[i+1])
		if key.Tag == "!!merge" {
			if value.Kind == yaml.MappingNode {
				merged = append(merged, value)
			} else {
				merged = append(merged, value.Content...)
			}
			continue
		}
		said[key.Value] = true
		do(key, value)
	}
	for _, other := range merged {
		eachPair(resolved(other), func(key, value *yaml.Node) {
			if !said[key.Value] {
				said[key.Value] = true
				do(key, value)
			}
		})
	}
}

// resolved follows an alias to what it stands for.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func (d *document) place(node *yaml.Node) string {
	return fmt.Sprintf("file %s:%d", d.shown, node.Line)
}

func (d *document) warn(node *yaml.Node, what string, known []string) {
	d.warnings = append(d.warnings, fmt.Sprintf("%s:%d: unknown %s %q is ignored%s", d.shown, node.Line, what, node.Value, DidYouMean(node.Value, known)))
}

// readFile reads config.yaml.
func readFile(o Options, known []string) *document {
	path, err := File(o)
	if err != nil {
		return new(document) // no home, so no file in it
	}
	data, err := readSettings(path)
	if absent(err) {
		return new(document)
	}
	if err != nil {
		return unreadable(o.display(path), false, err)
	}
	d := readDocument(o.display(path), data, known, false)
	d.dir = filepath.Dir(path)
	return d
}

// absent reports whether an error says that there is no such file: one below what is no directory is none, either.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// withoutBOM returns the text behind the byte order mark of UTF-8 that some editors begin a file with.
func withoutBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\ufeff")) }

// yamlError makes a FileError of what is wrong with data. The YAML package names most lines itself, in its text;
// where it does not, the line is the first with which the file, cut off behind it, is refused in the same words.
func yamlError(path string, data []byte, err error) *FileError {
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
		if err := yaml.Unmarshal(data[:end], new(map[string]any)); err != nil && yamlReason(err) == text {
			failed.Line = line + 1
			break
		}
	}
	return failed
}

// yamlReason strips the wrapping of the YAML package, and all but the first of several errors.
func yamlReason(err error) string {
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
