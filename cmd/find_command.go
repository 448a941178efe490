package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
)

// unknownCommandError reports that no saved or public command has a name or id.
type unknownCommandError struct {
	command, region string
	near            []string // similar names or ids
}

func (e *unknownCommandError) Error() string {
	message := fmt.Sprintf("there is no saved command %s in %s, and no public one", e.command, e.region)
	if len(e.near) > 0 {
		return message + "; similar: " + strings.Join(e.near, ", ")
	}
	return message + "; muster commands list prints those that exist"
}

// unknownSavedCommand returns the error of a saved command that does not exist.
func unknownSavedCommand(ctx context.Context, s *session, command string) error {
	var known []string
	list, _ := listCommands(ctx, s, assist.DescribeCommandsRequest{}) // an error leaves nothing to suggest
	for i := range list {
		if strings.HasPrefix(command, "c-") {
			known = append(known, list[i].CommandId)
		} else {
			known = append(known, list[i].Name)
		}
	}
	return &unknownCommandError{command, s.region, config.Similar(command, known, maxSimilar)}
}

// oneCommand accepts the id or the name of one saved command.
func oneCommand(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the id or the name of one saved command, not %d arguments", len(args))
	}
	return nil
}

func listCommands(ctx context.Context, s *session, r assist.DescribeCommandsRequest) ([]assist.Command, error) {
	r.RegionId, r.ContentEncoding = s.region, assist.PlainText
	r.MaxResults = int64(s.pageSize)
	return collect(s.client.AllCommands(ctx, r), "commands")
}

// findCommand finds a saved command of the account by its id, or by its name, which must be unique.
func findCommand(ctx context.Context, s *session, command string) (*assist.Command, error) {
	request := assist.DescribeCommandsRequest{RegionId: s.region, ContentEncoding: assist.PlainText}
	request.MaxResults = int64(s.pageSize)
	byID := strings.HasPrefix(command, "c-")
	if byID {
		request.CommandId = command
	} else {
		request.Name = command
	}
	var found []assist.Command
	for saved, err := range s.client.AllCommands(ctx, request) {
		if refused, ok := errors.AsType[*assist.Error](err); ok && refused.HTTPStatus == http.StatusNotFound {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("look up the command: %w", err)
		}
		if byID && saved.CommandId == command || !byID && saved.Name == command {
			found = append(found, saved)
		}
	}
	switch len(found) {
	case 0:
		return findPublicCommand(ctx, s, command)
	case 1:
		return &found[0], nil
	}
	var ids []string
	for _, saved := range found {
		ids = append(ids, saved.CommandId)
	}
	return nil, usagef("%d saved commands are named %s: give one by its id: %s", len(found), command, strings.Join(ids, ", "))
}

// findPublicCommand finds the latest version of a public command by its name.
func findPublicCommand(ctx context.Context, s *session, name string) (*assist.Command, error) {
	latest := true
	list, err := listCommands(ctx, s, assist.DescribeCommandsRequest{Name: name, Provider: "AlibabaCloud", Latest: &latest})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Name == name {
			return &list[i], nil
		}
	}
	return nil, unknownSavedCommand(ctx, s, name)
}

// findCommands finds the saved command at every site, where it may have different ids, and validates the request with it.
func findCommands(ctx context.Context, all sites, command string, limits assist.Limits, request *assist.InvokeCommandRequest) (*assist.Command, map[fleet.Site]string, error) {
	var first *assist.Command
	ids := map[fleet.Site]string{}
	for _, s := range all {
		saved, err := findCommand(ctx, s, command)
		if err != nil {
			return nil, nil, err
		}
		trial := *request
		trial.RegionId, trial.CommandId = s.region, saved.CommandId
		if err := validateInvoke(&trial, saved, limits); err != nil {
			return nil, nil, err
		}
		if first == nil {
			first = saved
		}
		ids[s.site] = saved.CommandId
	}
	if !all.several() {
		ids = nil
	}
	return first, ids, nil
}

// refuseSameName returns an error if another saved command has the name, since neither could be invoked by it. It accepts the name
// if the credentials may not list commands.
func refuseSameName(ctx context.Context, s *session, name, except string) error {
	list, err := listCommands(ctx, s, assist.DescribeCommandsRequest{Name: name})
	if refused, ok := errors.AsType[*assist.Error](err); ok && refused.Denied() {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Name == name && list[i].CommandId != except {
			return usagef("a saved command is named %s already: %s; delete it, choose another name, or give --allow-same-name and invoke both by their ids", name, list[i].CommandId)
		}
	}
	return nil
}
