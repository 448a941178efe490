package lab

import (
	"iter"

	"muster/pkg/assist"
)

// describeCommands lists the saved commands. The lab has no public commands, so nothing matches a Provider.
func describeCommands(c call, r *assist.DescribeCommandsRequest) (*assist.DescribeCommandsResponse, error) {
	p, err := readPage("commands", r.Page, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	var commands iter.Seq2[position, commandRecord] = func(yield func(position, commandRecord) bool) {
		for cmd := range c.store.newestCommands(p.before()) {
			if matchesCommand(r, cmd.command) && !yield(position{Sequence: cmd.Sequence}, cmd) {
				return
			}
		}
	}
	response := new(assist.DescribeCommandsResponse)
	var items []commandRecord
	items, response.Paged = paginate(p, unknown, commands)
	encoding := assist.Encoding(r.ContentEncoding, assist.Base64)
	for _, cmd := range items {
		response.Commands.Command = append(response.Commands.Command, apiCommand(cmd, encoding))
	}
	return response, nil
}

// matchesCommand reports whether a command matches all filters.
func matchesCommand(r *assist.DescribeCommandsRequest, cmd *command) bool {
	return r.Provider == "" &&
		matchesFilter(cmd.CommandId, r.CommandId) &&
		matchesFilter(cmd.Type, r.Type) &&
		matchesFilter(cmd.ResourceGroupId, r.ResourceGroupId) &&
		(r.Name == "" || matchesPattern(cmd.Name, r.Name)) &&
		(r.Description == "" || matchesPattern(cmd.Description, r.Description)) &&
		hasTags(cmd.Tags, r.Tag)
}

// apiCommand returns a command as DescribeCommands shows it.
func apiCommand(cmd commandRecord, encoding string) assist.Command {
	converted := assist.Command{
		CommandId: cmd.CommandId, Name: cmd.Name, Type: cmd.Type, Description: cmd.Description,
		CommandContent: assist.EncodeContent(cmd.Content, encoding), WorkingDir: cmd.WorkingDir, Timeout: cmd.Timeout,
		EnableParameter: cmd.EnableParameter, CreationTime: assist.FormatMinute(cmd.Created), InvokeTimes: cmd.Invoked,
		Launcher: cmd.Launcher, ResourceGroupId: cmd.ResourceGroupId,
	}
	if cmd.EnableParameter {
		converted.ParameterNames.ParameterName = assist.ParameterNames(string(cmd.Content))
	}
	converted.Tags.Tag = cmd.Tags
	return converted
}
