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

	"go.yaml.in/yaml/v3"
)

// entry is one value of a settings file.
type entry struct {
	text   string
	origin string
	place  string // the origin, and the line
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
}

// Default is what a settings file says of a command's flag.
type Default struct {
	Command string // its path without muster, such as "run" or "runs rerun"
	Flag    string
	Values  []string // several for a flag that can be repeated
	Origin  string
	Place   string // the origin, and the line
	Project bool   // the file is a project's, which may have come with what somebody else wrote
}

const (
	keyProfiles = "profiles"
	keyDefaults = "defaults"
	keyGroups   = "groups"
)

// readDocument reads a settings file, of which known are the keys that are settings.
func readDocument(shown string, data []byte, known []string, project bool) (*document, error) {
	d := &document{
		shown: shown, found: true, project: project,
		values: map[string]entry{}, profiles: map[string]map[string]entry{}, lines: map[string]int{},
	}
	if err := yaml.Unmarshal(data, new(map[string]any)); err != nil {
		return nil, yamlError(shown, data, err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil || len(root.Content) == 0 {
		return d, err
	}
	top := slices.Concat(known, []string{keyProfiles, keyDefaults, keyGroups})
	return d, eachPair(root.Content[0], func(key, value *yaml.Node) error {
		switch name := strings.ToLower(key.Value); name {
		case keyProfiles:
			return d.readProfiles(value, known)
		case keyDefaults:
			return d.readDefaults(value)
		case keyGroups:
			return d.readGroups(value)
		default:
			return d.readValue(d.values, name, "file "+d.shown, key, value, known, top)
		}
	})
}

// readValue reads one setting into values.
func (d *document) readValue(values map[string]entry, name, origin string, key, value *yaml.Node, known, near []string) error {
	if !slices.Contains(known, name) {
		d.warn(key, "key", near)
		return nil
	}
	value = resolved(value)
	e := entry{text: value.Value, origin: origin, place: d.place(key)}
	switch {
	case value.Kind != yaml.ScalarNode:
		return &Error{Key: name, Value: "…", Origin: e.place, Reason: "must be a single value"}
	case d.project && name == keyEndpoint:
		return &Error{
			Key: name, Value: e.text, Origin: e.place,
			Reason: "not from a project's file, for calls signed with your keys would go there; set it in your own config.yaml, by --endpoint or MUSTER_ENDPOINT",
		}
	case value.Tag != "!!null":
		values[name] = e
	}
	return nil
}

func (d *document) readProfiles(node *yaml.Node, known []string) error {
	known = slices.DeleteFunc(slices.Clone(known), func(key string) bool { return key == keyProfile })
	return d.eachNamed(node, keyProfiles, func(name string, key, block *yaml.Node) error {
		values := map[string]entry{}
		d.profiles[name], d.lines[name] = values, key.Line
		d.order = append(d.order, name)
		return d.eachNamed(block, keyProfiles+"."+name, func(setting string, key, value *yaml.Node) error {
			return d.readValue(values, strings.ToLower(setting), fmt.Sprintf("file %s (profile %s)", d.shown, name), key, value, known, known)
		})
	})
}

func (d *document) readDefaults(node *yaml.Node) error {
	return d.eachNamed(node, keyDefaults, func(command string, _, block *yaml.Node) error {
		command = strings.Join(strings.Fields(command), " ")
		return d.eachNamed(block, keyDefaults+"."+command, func(flag string, key, value *yaml.Node) error {
			given := Default{Command: command, Flag: flag, Origin: "file " + d.shown, Place: d.place(key), Project: d.project}
			var err error
			if given.Values, err = texts(value, keyDefaults+"."+command+"."+flag, given.Place); err != nil {
				return err
			}
			if given.Values != nil {
				d.defaults = append(d.defaults, given)
			}
			return nil
		})
	})
}

// texts reads a value, or a list of values. Nothing is none.
func texts(value *yaml.Node, key, place string) ([]string, error) {
	value = resolved(value)
	list := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		list = value.Content
	}
	var all []string
	for _, item := range list {
		item = resolved(item)
		if item.Kind != yaml.ScalarNode {
			return nil, &Error{Key: key, Value: "…", Origin: place, Reason: "must be a value, or a list of values"}
		}
		if item.Tag != "!!null" {
			all = append(all, item.Value)
		}
	}
	return all, nil
}

// eachNamed walks through what must be a mapping. Nothing is one, too.
func (d *document) eachNamed(node *yaml.Node, name string, do func(name string, key, value *yaml.Node) error) error {
	node = resolved(node)
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return &Error{Key: name, Value: "…", Origin: d.place(node), Reason: "must be lines of the form key: value"}
	}
	return eachPair(node, func(key, value *yaml.Node) error { return do(key.Value, key, value) })
}

// eachPair walks through a mapping, and through what it merges in and does not say itself.
func eachPair(node *yaml.Node, do func(key, value *yaml.Node) error) error {
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
		if err := do(key, value); err != nil {
			return err
		}
	}
	for _, other := range merged {
		err := eachPair(resolved(other), func(key, value *yaml.Node) error {
			if said[key.Value] {
				return nil
			}
			said[key.Value] = true
			return do(key, value)
		})
		if err != nil {
			return err
		}
	}
	return nil
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
func readFile(o Options, known []string) (*document, error) {
	path, err := File(o)
	if err != nil {
		return new(document), nil //nolint:nilerr // no home, so no file in it
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return new(document), nil
	}
	if err != nil {
		return nil, &FileError{Path: o.display(path), Err: reason(err)}
	}
	d, err := readDocument(o.display(path), data, known, false)
	if d != nil {
		d.dir = filepath.Dir(path)
	}
	return d, err
}

// yamlError makes a FileError of what is wrong with data. The YAML package names most lines itself, in its text;
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
