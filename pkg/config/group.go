package config

import "go.yaml.in/yaml/v3"

// Group is a named set of instances in a settings file: flags that choose instances, with their values.
type Group struct {
	Name    string
	Values  []GroupValue // in the order of the file
	Place   string       // the file and the line
	Dir     string       // the directory of the file, which file names in it are relative to
	Project bool         // the file is a project's, which may have come with what somebody else wrote
}

// GroupValue is one flag of a group.
type GroupValue struct {
	Flag  string
	Texts []string // several for a flag that can be repeated
	Place string   // the file and the line
}

// groupTerms is the flag that a group's value stands for when it is just a text or a list of texts.
const groupTerms = "instance"

// readGroups reads the groups of a file. A group is a mapping of flags to values, or just the values of --instance.
func (d *document) readGroups(node *yaml.Node) error {
	return d.eachNamed(node, keyGroups, func(name string, key, block *yaml.Node) error {
		group := Group{Name: name, Place: d.place(key), Project: d.project}
		add := func(flag, place string, value *yaml.Node) error {
			values, err := texts(value, keyGroups+"."+name+"."+flag, place)
			group.Values = append(group.Values, GroupValue{flag, values, place})
			return err
		}
		var err error
		if block = resolved(block); block.Kind == yaml.MappingNode {
			err = eachPair(block, func(key, value *yaml.Node) error { return add(key.Value, d.place(key), value) })
		} else {
			err = add(groupTerms, group.Place, block)
		}
		d.groups = append(d.groups, group)
		return err
	})
}
