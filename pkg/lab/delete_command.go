package lab

import "muster/pkg/assist"

func deleteCommand(c call, r *assist.DeleteCommandRequest) (*assist.DeleteCommandResponse, error) {
	if r.CommandId == "" {
		return nil, assist.MissingParameter("CommandId")
	}
	if err := c.store.deleteCommand(r.CommandId); err != nil {
		return nil, err
	}
	return &assist.DeleteCommandResponse{}, nil
}
