package render

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/term"
)

// Commands is a list of saved commands.
type Commands struct {
	Commands []SavedCommand
}

// SavedCommand is a saved command, with the service's own fields.
type SavedCommand struct {
	CommandId            string
	Name                 string
	Type                 string
	Description          string
	CommandContent       string
	WorkingDir           string
	Timeout              int64
	EnableParameter      bool
	ParameterNames       []string
	ParameterDefinitions []ParameterDefinition
	Launcher             string
	CreationTime         string
	InvokeTimes          int64
	Provider             string
	Category             string
	Version              int64
	Latest               bool
	ResourceGroupId      string
	Tags                 []assist.TagPair
}

// ParameterDefinition describes a parameter of a public command.
type ParameterDefinition struct {
	ParameterName  string
	Description    string
	DefaultValue   string
	Required       bool
	PatternRegex   string
	PossibleValues []string
}

// NewCommands returns the document of a list. The contents must be in plain text.
func NewCommands(list []assist.Command) *Commands {
	document := &Commands{Commands: []SavedCommand{}}
	for i := range list {
		document.Commands = append(document.Commands, newSavedCommand(&list[i]))
	}
	return document
}

func newSavedCommand(c *assist.Command) SavedCommand {
	saved := SavedCommand{
		CommandId: c.CommandId, Name: c.Name, Type: c.Type, Description: c.Description, CommandContent: c.CommandContent,
		WorkingDir: c.WorkingDir, Timeout: c.Timeout, EnableParameter: c.EnableParameter,
		ParameterNames: notNil(c.ParameterNames.ParameterName), ParameterDefinitions: []ParameterDefinition{},
		Launcher: c.Launcher, CreationTime: c.CreationTime, InvokeTimes: c.InvokeTimes, Provider: c.Provider,
		Category: c.Category, Version: c.Version, Latest: c.Latest, ResourceGroupId: c.ResourceGroupId, Tags: notNil(c.Tags.Tag),
	}
	for _, d := range c.ParameterDefinitions.ParameterDefinition {
		saved.ParameterDefinitions = append(saved.ParameterDefinitions, ParameterDefinition{
			ParameterName: d.ParameterName, Description: d.Description, DefaultValue: d.DefaultValue, Required: d.Required,
			PatternRegex: d.PatternRegex, PossibleValues: notNil(d.PossibleValues.PossibleValue),
		})
	}
	return saved
}

// Records returns the commands.
func (d *Commands) Records() iter.Seq2[any, error] { return Records(d.Commands) }

// Record returns a command without values.
func (d *Commands) Record() any { return SavedCommand{} }

// WriteTable writes a row for each command.
func (d *Commands) WriteTable(w io.Writer, style Style) error {
	rows := make([][]string, 0, len(d.Commands))
	for _, c := range d.Commands {
		rows = append(rows, []string{
			c.CommandId, cell(c.Name), cell(c.Type), cell(strings.Join(c.ParameterNames, ",")),
			strconv.FormatInt(c.InvokeTimes, 10), cell(c.CreationTime), cell(c.Description),
		})
	}
	fit := narrowing{drop: []string{"CREATED", "INVOKED"}, cut: []string{"DESCRIPTION", "PARAMETERS", "NAME"}}
	return writeTable(w, style, fit, []string{"COMMAND", "NAME", "TYPE", "PARAMETERS", "INVOKED", "CREATED", "DESCRIPTION"}, slices.Values(rows))
}

// Command is a single saved command, shown with all its fields.
type Command struct {
	Commands []SavedCommand
}

// Records returns the command.
func (d *Command) Records() iter.Seq2[any, error] { return Records(d.Commands) }

// Record returns a command without values.
func (d *Command) Record() any { return SavedCommand{} }

// WriteTable writes a line for each field, and then the content.
func (d *Command) WriteTable(w io.Writer, style Style) error {
	var b strings.Builder
	for _, c := range d.Commands {
		for _, line := range [][2]string{
			{"Id", c.CommandId}, {"Name", c.Name}, {"Type", c.Type}, {"Description", c.Description},
			{"Directory", c.WorkingDir}, {"Timeout", fmt.Sprintf("%ds", c.Timeout)}, {"Parameters", strings.Join(c.ParameterNames, ", ")},
			{"Launcher", c.Launcher}, {"Created", c.CreationTime}, {"Invoked", strconv.FormatInt(c.InvokeTimes, 10)},
		} {
			if line[1] != "" {
				fmt.Fprintf(&b, "%s %s\n", style.Paint.Dim(fmt.Sprintf("%-12s", line[0])), cell(line[1]))
			}
		}
		b.WriteString("\n" + strings.TrimSuffix(term.Sanitize(c.CommandContent), "\n") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
