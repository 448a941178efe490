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
	e.Output = Output(s.Mask(string(e.Output)))
	if e.Result != nil {
		r := *e.Result
		r.Output, r.ErrorInfo = Output(s.Mask(string(r.Output))), s.Mask(r.ErrorInfo)
		r.OssOutputUri, r.OssOutputErrorInfo = s.Mask(r.OssOutputUri), s.Mask(r.OssOutputErrorInfo)
		r.hashed = OutputKey{}
		e.Result = &r
	}
	e.Instances = slices.Clone(e.Instances)
	for i := range e.Instances {
		e.Instances[i].ErrorInfo = s.Mask(e.Instances[i].ErrorInfo)
	}
}

// cut is the last place in a text, up to one, where it can be cut without a secret standing across, whatever it goes on
// with.
func (s Secrets) cut(text string, at int) int {
	for moved := true; moved; {
		moved = false
		for _, value := range s {
			for from := max(0, at-len(value)+1); from < at; from++ {
				if rest := text[from:]; strings.HasPrefix(rest, value) || strings.HasPrefix(value, rest) {
					at, moved = from, true
					break
				}
			}
		}
	}
	return at
}

// tail is how much of a text, of which nobody knows what stood before it, may be the end of a secret.
func (s Secrets) tail(text string) int {
	longest := 0
	for _, value := range s {
		for from := 1; from < len(value); from++ {
			if rest := value[from:]; strings.HasPrefix(text, rest) {
				longest = max(longest, len(rest))
				break
			}
		}
	}
	return longest
}
