package lab

import (
	"cmp"
	"net/http"
	"time"

	"muster/pkg/assist"
)

func createCommand(c call, r *assist.CreateCommandRequest) (*assist.CreateCommandResponse, error) {
	if c.region != c.own.region {
		return nil, assist.Refusal(http.StatusBadRequest, "RegionId.ApiNotSupported", "The api is not supported in this region: the lab is in "+c.own.region+".")
	}
	content, err := assist.DecodeContent(r.CommandContent, assist.Encoding(r.ContentEncoding, assist.Base64))
	if err != nil {
		return nil, err
	}
	cmd := &command{
		CommandId: newCommandID(), Name: r.Name, Type: r.Type, Description: r.Description, Content: content,
		WorkingDir: r.WorkingDir, Timeout: cmp.Or(r.Timeout, assist.DefaultTimeout), EnableParameter: r.EnableParameter,
		Launcher: r.Launcher, ResourceGroupId: r.ResourceGroupId, Tags: pairs(r.Tag), Created: time.Now(),
	}
	if err := c.store.saveCommand(cmd); err != nil {
		return nil, err
	}
	return &assist.CreateCommandResponse{CommandId: cmd.CommandId}, nil
}
