package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"muster/pkg/userfile"
)

// entry is one value of a settings file.
type entry struct {
	text   string
	origin string
	place  string // the origin, and the line
	path   string // the displayed path of the file
	line   int
}

// settingsFile is a parsed settings file. A file that does not exist is like an empty one.
type settingsFile struct {
	displayPath string
	dir         string
	found       bool
	project     bool
	values      map[string]entry
	profiles    map[string]map[string]entry // the blocks for one profile each
	order       []string                    // the profiles in the order of the file
	lines       map[string]int              // their lines
	defaults    []Default
	groups      []Group
	warnings    []string
	problems    []Problem
}

// Default is a settings file's default for a flag of a command.
type Default struct {
	Command string // the command's path without muster, such as "run" or "runs rerun"
	Flag    string
	Values  []string // several for a flag that can be repeated
	Origin  string
	Place   string // the origin, and the line
	Path    string // the displayed path of the file
	Line    int
	Project bool // whether the file is a project's, and may have other authors than the user
}

const (
	keyProfiles = "profiles"
	keyDefaults = "defaults"
	keyGroups   = "groups"
)

// parseSettings parses a settings file. known are the keys that are settings. Values that cannot be used are left out and
// added to the problems.
func parseSettings(displayPath string, data []byte, known []string, project bool) *settingsFile {
	data = userfile.TrimBOM(data)
	d := &settingsFile{
		displayPath: displayPath, found: true, project: project,
		values: map[string]entry{}, profiles: map[string]map[string]entry{}, lines: map[string]int{},
	}
	if err := yaml.Unmarshal(data, new(map[string]any)); err != nil {
		d.problems = []Problem{fileProblem(BadSetting, yamlError(displayPath, data, err))}
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
			d.readValue(d.values, name, "file "+d.displayPath, key, value, known, top)
		}
	})
	return d
}

// unreadable returns a settings file that cannot be read.
func unreadable(displayPath string, project bool, err error) *settingsFile {
	return &settingsFile{
		displayPath: displayPath, found: true, project: project,
		problems: []Problem{fileProblem(BadSetting, &FileError{Path: displayPath, Err: reason(err)})},
	}
}

// err returns the first problem's error.
func (d *settingsFile) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return d.problems[0].Err
}

// readValue reads one setting into values.
func (d *settingsFile) readValue(values map[string]entry, name, origin string, key, value *yaml.Node, known, near []string) {
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
			"not allowed in a project's file, because calls signed with your keys would go there; set it in your own config.yaml, with --endpoint or with MUSTER_ENDPOINT")
	case value.Tag != "!!null":
		values[name] = entry{text: value.Value, origin: origin, place: d.place(key), path: d.displayPath, line: key.Line}
	}
}

// refuse adds a problem with the value at node.
func (d *settingsFile) refuse(node *yaml.Node, key, value, why string) {
	d.problems = append(d.problems, Problem{
		Err:  &Error{Key: key, Value: value, Origin: d.place(node), Reason: why},
		Kind: BadSetting, Key: key, Path: d.displayPath, Line: node.Line,
	})
}

func (d *settingsFile) readProfiles(node *yaml.Node, known []string) {
	known = slices.DeleteFunc(slices.Clone(known), func(key string) bool { return key == keyProfile })
	d.eachNamed(node, keyProfiles, func(name string, key, block *yaml.Node) {
		values := map[string]entry{}
		d.profiles[name], d.lines[name] = values, key.Line
		d.order = append(d.order, name)
		d.eachNamed(block, keyProfiles+"."+name, func(setting string, key, value *yaml.Node) {
			d.readValue(values, strings.ToLower(setting), fmt.Sprintf("file %s (profile %s)", d.displayPath, name), key, value, known, known)
		})
	})
}

func (d *settingsFile) readDefaults(node *yaml.Node) {
	d.eachNamed(node, keyDefaults, func(command string, _, block *yaml.Node) {
		command = strings.Join(strings.Fields(command), " ")
		d.eachNamed(block, keyDefaults+"."+command, func(flag string, key, value *yaml.Node) {
			given := Default{Command: command, Flag: flag, Origin: "file " + d.displayPath, Place: d.place(key), Path: d.displayPath, Line: key.Line, Project: d.project}
			var ok bool
			if given.Values, ok = d.texts(key, value, keyDefaults+"."+command+"."+flag); ok && given.Values != nil {
				d.defaults = append(d.defaults, given)
			}
		})
	})
}

// texts reads a value or a list of values, and reports whether node is one. Null is an empty list.
func (d *settingsFile) texts(key, value *yaml.Node, name string) ([]string, bool) {
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

// eachNamed calls do for each pair of node, which must be a mapping or null.
func (d *settingsFile) eachNamed(node *yaml.Node, name string, do func(name string, key, value *yaml.Node)) {
	node = resolved(node)
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
	case node.Kind != yaml.MappingNode:
		d.refuse(node, name, "…", "must be lines of the form key: value")
	default:
		eachPair(node, func(key, value *yaml.Node) { do(key.Value, key, value) })
	}
}

// eachPair calls do for each pair of a mapping, and for pairs that it merges in (<<) and does not override.
func eachPair(node *yaml.Node, do func(key, value *yaml.Node)) {
	seen := map[string]bool{}
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
		seen[key.Value] = true
		do(key, value)
	}
	for _, other := range merged {
		eachPair(resolved(other), func(key, value *yaml.Node) {
			if !seen[key.Value] {
				seen[key.Value] = true
				do(key, value)
			}
		})
	}
}

// resolved returns the node that an alias refers to, or node itself.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func (d *settingsFile) place(node *yaml.Node) string {
	return fmt.Sprintf("file %s:%d", d.displayPath, node.Line)
}

func (d *settingsFile) warn(node *yaml.Node, what string, known []string) {
	d.warnings = append(d.warnings, fmt.Sprintf("%s:%d: unknown %s %q is ignored%s", d.displayPath, node.Line, what, node.Value, DidYouMean(node.Value, known)))
}

// readUserFile reads config.yaml.
func readUserFile(o Options, known []string) *settingsFile {
	path, err := File(o)
	if err != nil {
		return new(settingsFile) // without a home directory there is no file
	}
	data, err := readSettings(path)
	if absent(err) {
		return new(settingsFile)
	}
	if err != nil {
		return unreadable(o.display(path), false, err)
	}
	d := parseSettings(o.display(path), data, known, false)
	d.dir = filepath.Dir(path)
	return d
}

// absent reports whether an error means that a file does not exist, including a path below something that is not a directory.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// yamlError returns the FileError for a YAML error in data. The error's text contains the line of most errors. For others, the
// line is the first one after which the truncated file causes the same error.
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

// yamlReason returns the text of a YAML error without its prefixes. Of several errors, it returns the first.
func yamlReason(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	text, _, _ = strings.Cut(text, "\n")
	return text
}

// reason removes the path from an error that will be reported with its displayed path.
func reason(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", path.Op, path.Err)
	}
	return err
}

// errDangling reports a link to a file that does not exist, perhaps on a disk that is not mounted.
var errDangling = errors.New("it is a link to a file that does not exist")

// readSettings reads a whole settings file. A pipe is an error, because reading it may block, and so is a dangling link.
func readSettings(path string) ([]byte, error) {
	_, err := os.Stat(path)
	if _, linked := os.Readlink(path); errors.Is(err, fs.ErrNotExist) && linked == nil {
		return nil, errDangling
	}
	return userfile.Read(path)
}
