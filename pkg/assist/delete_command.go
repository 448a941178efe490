package assist

// DeleteCommandRequest deletes a saved command. One that is being executed cannot be deleted.
type DeleteCommandRequest struct {
	RegionId  string
	CommandId string
}

// DeleteCommandResponse has nothing to tell.
type DeleteCommandResponse struct{ RequestId string }

// Action is the API's name for the call.
func (*DeleteCommandRequest) Action() string { return "DeleteCommand" }

// Repeatable is false: the second of two would be told that there is no such command.
func (*DeleteCommandRequest) Repeatable() bool { return false }
