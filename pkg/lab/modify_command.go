package lab

import (
	"cmp"

	"muster/pkg/assist"
)

// modifyCommand changes what is said of a saved command. As in the service, CommandContent is taken and ignored.
func modifyCommand(c call, r *assist.ModifyCommandRequest) (*assist.ModifyCommandResponse, error) {
	err := c.store.modifyCommand(r.CommandId, func(cmd *command) {
		cmd.Name = cmp.Or(r.Name, cmd.Name)
		cmd.Description = cmp.Or(r.Description, cmd.Description)
		cmd.WorkingDir = cmp.Or(r.WorkingDir, cmd.WorkingDir)
		cmd.Timeout = cmp.Or(r.Timeout, cmd.Timeout)
		cmd.Launcher = cmp.Or(r.Launcher, cmd.Launcher)
	})
	if err != nil {
		return nil, err
	}
	return &assist.ModifyCommandResponse{}, nil
}
