package config

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Group is a named set of instances in a settings file: flags that select instances, with their values.
type Group struct {
	Name    string
	Values  []GroupValue // in the order of the file
	Place   string       // the file and the line
	Dir     string       // the directory of the file; file names in the file are relative to it
	Project bool         // whether the file is a project's, and may have other authors than the user
}

// GroupValue is one flag of a group.
type GroupValue struct {
	Flag  string
	Texts []string // several for a flag that can be repeated
	Place string   // the file and the line
}

// groupTerms is the flag of a group whose value is just a text or a list of texts.
const groupTerms = "instance"

// readGroups reads the groups of a file. A group is a mapping of flags to values, or just the values of --instance. If one
// value cannot be read, the whole group is left out: the rest of it might select more instances than the group has.
func (d *settingsFile) readGroups(node *yaml.Node) {
	d.eachNamed(node, keyGroups, func(name string, key, block *yaml.Node) {
		if name == "" || strings.ContainsFunc(name, invalidInGroupName) {
			d.refuse(key, keyGroups, name, "a group's name must consist of letters, digits, '.', '_' and '-', so that @name reaches it")
			return
		}
		group, whole := Group{Name: name, Place: d.place(key), Project: d.project}, true
		add := func(flag string, key, value *yaml.Node) {
			values, ok := d.texts(key, value, keyGroups+"."+name+"."+flag)
			group.Values, whole = append(group.Values, GroupValue{flag, values, d.place(key)}), whole && ok
		}
		if block = resolved(block); block.Kind == yaml.MappingNode {
			eachPair(block, func(key, value *yaml.Node) { add(key.Value, key, value) })
		} else {
			add(groupTerms, key, block)
		}
		if whole {
			d.groups = append(d.groups, group)
		}
	})
}

func invalidInGroupName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r)
}
