package cmd

import (
	"context"
	"errors"

	"muster/pkg/assist"
)

// refuseSameName returns an error where another saved command has a name already: neither could be invoked by it then. Credentials that
// may not list commands are no reason to refuse.
func refuseSameName(ctx context.Context, a *app, s *session, name, except string) error {
	list, err := listCommands(ctx, a, s, assist.DescribeCommandsRequest{Name: name})
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
