package fleet

import (
	"slices"
	"strings"
)

// masked stands in the place of a secret.
const masked = "******"

// Secrets are values that no event tells.
type Secrets []string

// Mask takes the values out of a text.
func (s Secrets) Mask(text string) string {
	for _, value := range s.longestFirst() {
		if value != "" {
			text = strings.ReplaceAll(text, value, masked)
		}
	}
	return text
}

// longestFirst keeps a value that is a part of another from leaving the rest of that one.
func (s Secrets) longestFirst() Secrets {
	byLength := func(a, b string) int { return len(b) - len(a) }
	if slices.IsSortedFunc(s, byLength) {
		return s
	}
	return slices.SortedStableFunc(slices.Values(s), byLength)
}

// mask takes the values out of all of an event that comes from elsewhere.
func (s Secrets) mask(e *Event) {
	if len(s) == 0 {
		return
	}
	e.Message = s.Mask(e.Message)
	if e.Result != nil {
		r := *e.Result
		r.Output, r.ErrorInfo = Output(s.Mask(string(r.Output))), s.Mask(r.ErrorInfo)
		r.hashed = OutputKey{}
		e.Result = &r
	}
	e.Instances = slices.Clone(e.Instances)
	for i := range e.Instances {
		e.Instances[i].ErrorInfo = s.Mask(e.Instances[i].ErrorInfo)
	}
}
