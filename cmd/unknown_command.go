package cmd

import (
	"context"
	"fmt"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/config"
)

// unknownCommandError reports that there is no such saved command, and no public one either.
type unknownCommandError struct {
	command, region string
	near            []string // names, or ids, that may have been meant
}

func (e *unknownCommandError) Error() string {
	message := fmt.Sprintf("there is no saved command %s in %s, and no public one", e.command, e.region)
	if len(e.near) > 0 {
		return message + "; near it: " + strings.Join(e.near, ", ")
	}
	return message + "; muster commands list has those that there are"
}

// unknownCommand is the one error of a saved command that does not exist.
func (a *app) unknownCommand(ctx context.Context, s *session, command string) error {
	var known []string
	list, _ := listCommands(ctx, a, s, assist.DescribeCommandsRequest{}) // without it there is nothing to choose from
	for i := range list {
		if strings.HasPrefix(command, "c-") {
			known = append(known, list[i].CommandId)
		} else {
			known = append(known, list[i].Name)
		}
	}
	return &unknownCommandError{command, s.region, config.Similar(command, known, mostNear)}
}
