package catalogue

import "strings"

// Scope is the subject of a code.
type Scope string

// The scopes.
const (
	ScopeAPI      Scope = "api"      // the service refused a call
	ScopeInstance Scope = "instance" // one instance of an invocation did not succeed
)

// Retry is the advice on repeating a call or command.
type Retry string

// The values of Retry.
const (
	RetryNo        Retry = "no"         // something must be changed first
	RetryLater     Retry = "later"      // the cause is temporary
	RetrySameToken Retry = "same-token" // only with the same ClientToken, because the call may have been carried out
)

// HTTPStatus is the HTTP status of a code. For some codes it depends on the action.
type HTTPStatus struct {
	Action string // empty if it is the same for all actions
	Status int
}

// Entry explains one code.
type Entry struct {
	Code     string
	Scope    Scope
	Actions  []string     // the API actions that return the code; empty if all may
	Statuses []HTTPStatus // none for an instance's code
	Messages []string     // the service's messages; empty if no source has them
	Sources  []string     // the documents that list the code; "RunCommand 2024" is that action's API document of 2024
	Status   string       // the InvocationStatus of an instance with the code; empty for an API code
	Retry    Retry
	See      string `json:",omitempty"` // the page of the documentation that says more; empty if there is none

	Meaning string
	Cause   string
	Remedy  string
}

// Short returns the remedy as the end of a line about the error.
func (e Entry) Short() string {
	text, latin := strings.CutSuffix(e.Remedy, ".")
	if !latin || text == "" {
		return strings.TrimSuffix(e.Remedy, "。")
	}
	return strings.ToLower(text[:1]) + text[1:]
}
