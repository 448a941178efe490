package cmd

import (
	"path/filepath"
	"strings"

	"muster/pkg/config"
	"muster/pkg/target"
)

// groups returns the groups of the settings files. Each is read once, on first use.
func (fd *finder) groups() target.Groups {
	if fd.knownGroups == nil {
		groups := fd.readGroups()
		fd.knownGroups = &groups
	}
	return *fd.knownGroups
}

func (fd *finder) readGroups() target.Groups {
	var groups target.Groups
	for _, set := range fd.config.Groups {
		groups.Known = append(groups.Known, set.Name)
	}
	type outcome struct {
		selector target.Selector
		err      error
	}
	read := map[string]outcome{}
	groups.Read = func(name string) (target.Selector, error) {
		if known, ok := read[name]; ok {
			return known.selector, known.err
		}
		var now outcome
		for _, set := range fd.config.Groups {
			if set.Name == name {
				now.selector, now.err = fd.readGroup(set)
				if set.Project && fd.reportsRuns && !fd.typedQuiet() {
					fd.note("from %s: group @%s", strings.TrimPrefix(set.Place, "file "), name)
				}
			}
		}
		read[name] = now
		return now.selector, now.err
	}
	return groups
}

func (fd *finder) readGroup(set config.Group) (target.Selector, error) {
	var s target.Selector
	for _, value := range set.Values {
		for _, text := range value.Texts {
			from := value.Place + ", group " + set.Name + ": " + typedFlag(value.Flag)
			if err := fd.addToGroup(&s, set, value.Flag, target.Words{Text: text, From: from}); err != nil {
				return s, err
			}
		}
	}
	if s.All && len(s.Terms) > 0 {
		return s, usagef("%s: group %s: all selects every instance, and instance and instances-file select some: give one or the other", set.Place, set.Name)
	}
	if s.Empty() {
		return s, usagef("%s: group %s selects no instances", set.Place, set.Name)
	}
	return s, nil
}

// addToGroup adds a value of a group: a term, a condition, or true or false.
func (fd *finder) addToGroup(s *target.Selector, set config.Group, flag string, words target.Words) error {
	switch flag {
	case "instances-file":
		path := words.Text
		if !filepath.IsAbs(path) {
			path = filepath.Join(set.Dir, path)
		}
		terms, err := readTermsFile(path)
		s.Terms = append(s.Terms, terms...)
		return err
	case "all", "managed":
		if words.Text != "true" && words.Text != "false" {
			return usagef("%s %q: want true or false", words.From, words.Text)
		}
		s.All = s.All || flag == "all" && words.Text == "true"
		s.Managed = s.Managed || flag == "managed" && words.Text == "true"
		return nil
	}
	return s.Add(flag, words)
}
