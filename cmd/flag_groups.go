package cmd

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagGroup is the heading of a flag in help. Flags without a group come last, under "Flags".
type flagGroup string

// Flag groups, in the order of help.
const (
	groupInstances flagGroup = "Instances"
	groupScript    flagGroup = "Script"
	groupFile      flagGroup = "File"
	groupRollout   flagGroup = "Roll-out"
	groupWaiting   flagGroup = "Waiting"
	groupOutput    flagGroup = "Output"
	groupService   flagGroup = "Service"
	groupCalls     flagGroup = "Calls"
	groupLab       flagGroup = "Lab"
)

func flagGroups() []flagGroup {
	return []flagGroup{groupInstances, groupScript, groupFile, groupRollout, groupWaiting, groupOutput, groupService, groupCalls, groupLab}
}

// groupAnnotation is the annotation with a flag's group.
const groupAnnotation = "group"

// add puts the flags that define adds into the group. They share their annotations.
func (g flagGroup) add(flags *pflag.FlagSet, define func(flags *pflag.FlagSet)) {
	sorted := flags.SortFlags
	flags.SortFlags = false // so that new flags come last
	before, n := 0, 0
	flags.VisitAll(func(*pflag.Flag) { before++ })
	define(flags)
	annotations := map[string][]string{groupAnnotation: {string(g)}}
	flags.VisitAll(func(f *pflag.Flag) {
		if n++; n > before {
			f.Annotations = annotations
		}
	})
	flags.SortFlags = sorted
}

// groupOf returns the group of a flag, or "".
func groupOf(f *pflag.Flag) flagGroup {
	if names := f.Annotations[groupAnnotation]; len(names) > 0 {
		return flagGroup(names[0])
	}
	return ""
}

// flagSection is the flags below one heading in help.
type flagSection struct {
	Title string
	Flags []*pflag.Flag
}

// flagSections returns a command's visible flags by group, without the global flags and --help.
func flagSections(cmd *cobra.Command) []flagSection {
	inherited := cmd.InheritedFlags()
	own := slices.DeleteFunc(inOrder(cmd.Flags()), func(f *pflag.Flag) bool {
		return inherited.Lookup(f.Name) != nil || cmd.PersistentFlags().Lookup(f.Name) != nil
	})
	sections := sectionsOf(own)
	if pathOf(cmd) == labCommand {
		sections = append(sections, slices.DeleteFunc(sectionsOf(inOrder(inherited)), func(s flagSection) bool { return s.Title != string(groupLab) })...)
	}
	return sections
}

// globalFlagSections returns the global flags by group, without those of labs.
func globalFlagSections(root *cobra.Command) []flagSection {
	return slices.DeleteFunc(sectionsOf(inOrder(root.PersistentFlags())), func(s flagSection) bool { return s.Title == string(groupLab) })
}

// inOrder returns flags in the order in which they were added.
func inOrder(flags *pflag.FlagSet) []*pflag.Flag {
	sorted := flags.SortFlags
	flags.SortFlags = false
	defer func() { flags.SortFlags = sorted }()
	var all []*pflag.Flag
	flags.VisitAll(func(f *pflag.Flag) { all = append(all, f) })
	return all
}

func sectionsOf(flags []*pflag.Flag) []flagSection {
	grouped := map[flagGroup][]*pflag.Flag{}
	for _, f := range flags {
		if !f.Hidden && f.Deprecated == "" && f.Name != helpCommand {
			grouped[groupOf(f)] = append(grouped[groupOf(f)], f)
		}
	}
	var sections []flagSection
	for _, group := range append(flagGroups(), "") {
		title := string(group)
		if group == "" {
			title = "Flags"
			if len(sections) > 0 {
				title = "Other flags"
			}
		}
		if list := grouped[group]; len(list) > 0 {
			sections = append(sections, flagSection{title, list})
		}
	}
	return sections
}
