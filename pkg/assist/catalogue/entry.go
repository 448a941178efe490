package catalogue

import "strings"

// Scope says what a code is about.
type Scope string

// The scopes.
const (
	ScopeAPI      Scope = "api"      // the service refused a call
	ScopeInstance Scope = "instance" // one instance of an invocation did not succeed
)

// Retry says whether doing the same thing again can help.
type Retry string

// The answers to that.
const (
	RetryNo        Retry = "no"         // something has to be changed first
	RetryLater     Retry = "later"      // the cause passes by itself
	RetrySameToken Retry = "same-token" // the call may have been carried out, so only with the same ClientToken
)

// HTTPStatus is the status that comes with a code. Some codes have another one for each action.
type HTTPStatus struct {
	Action string // empty where it is the same for every action
	Status int
}

// Entry explains one code.
type Entry struct {
	Code     string
	Scope    Scope
	Actions  []string     // the API actions whose answers hold the code; empty where all may
	Statuses []HTTPStatus // none for an instance's code
	Messages []string     // the service's own words; empty where no source has them
	Sources  []string     // what lists the code; "RunCommand 2024" is that action's API document of that year
	Status   string       // the instance's InvocationStatus that comes with the code; empty for an API code
	Retry    Retry

	Meaning string
	Cause   string
	Remedy  string
}

// Short is the remedy as the end of a line that has named the error.
func (e Entry) Short() string {
	text, latin := strings.CutSuffix(e.Remedy, ".")
	if !latin || text == "" {
		return strings.TrimSuffix(e.Remedy, "。")
	}
	return strings.ToLower(text[:1]) + text[1:]
}
