package lab

import (
	"cmp"
	"net/http"
	"time"

	"muster/pkg/assist"
)

// createCommand saves a command. Commands can only be saved in the regions that the lab serves.
func createCommand(c call, r *assist.CreateCommandRequest) (*assist.CreateCommandResponse, error) {
	if !servesRegion(c.Lab, c.region) {
		return nil, assist.Refusal(http.StatusBadRequest, "RegionId.ApiNotSupported", "The api is not supported in this region: "+regionsOfLab(c.Lab)+".")
	}
	content, err := assist.DecodeContent(r.CommandContent, assist.Encoding(r.ContentEncoding, assist.Base64))
	if err != nil {
		return nil, err
	}
	cmd := &command{
		CommandId: newCommandID(), Name: r.Name, Type: r.Type, Description: r.Description, Content: content,
		WorkingDir: r.WorkingDir, Timeout: cmp.Or(r.Timeout, assist.DefaultTimeout), EnableParameter: r.EnableParameter,
		Launcher: r.Launcher, ResourceGroupId: r.ResourceGroupId, Tags: tagPairs(r.Tag), Created: time.Now(),
	}
	if err := c.store.saveCommand(cmd); err != nil {
		return nil, err
	}
	return &assist.CreateCommandResponse{CommandId: cmd.CommandId}, nil
}

// modifyCommand changes a saved command. As in the service, CommandContent is accepted and ignored.
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

func deleteCommand(c call, r *assist.DeleteCommandRequest) (*assist.DeleteCommandResponse, error) {
	if r.CommandId == "" {
		return nil, assist.MissingParameter("CommandId")
	}
	if err := c.store.deleteCommand(r.CommandId); err != nil {
		return nil, err
	}
	return &assist.DeleteCommandResponse{}, nil
}
