package catalogue

import (
	"slices"
	"strings"
)

// Find returns the entry of a code in any letter case, and whether there is one. For a code without its own entry, it returns the entry of
// its kind, such as MissingParameter.X for MissingParameter.Name.
func Find(code string, lang Language) (Entry, bool) {
	x := known()
	code = strings.TrimSpace(code)
	if i, ok := x.place[strings.ToLower(code)]; ok {
		return x.facts[i].entry(x.facts[i].Code, "X", lang), true
	}
	f, prefix, rest := x.kind(code)
	switch {
	case f == nil:
		return Entry{}, false
	case rest == "":
		return f.entry(f.Code, "X", lang), true
	}
	return f.entry(prefix+rest, rest, lang), true
}

// All returns all entries, those of the API first, and each scope sorted by code.
func All(lang Language) []Entry {
	facts := known().facts
	entries := make([]Entry, len(facts))
	for i := range facts {
		entries[i] = facts[i].entry(facts[i].Code, "X", lang)
	}
	return entries
}

// kind returns the fact with a prefix of code, that prefix, and the rest of the code. The prefix without its final dot also matches.
func (x index) kind(code string) (f *fact, prefix, rest string) {
	for i := range x.facts {
		for _, prefix := range x.facts[i].Prefixes {
			if rest, ok := cutPrefix(code, prefix); ok {
				return &x.facts[i], prefix, rest
			}
		}
	}
	return nil, "", ""
}

func cutPrefix(code, prefix string) (rest string, ok bool) {
	name, dotted := strings.CutSuffix(prefix, ".")
	if strings.EqualFold(code, name) {
		return "", true
	}
	if len(code) < len(prefix) || !strings.EqualFold(code[:len(prefix)], prefix) {
		return "", false
	}
	rest = code[len(prefix):]
	if dotted {
		return rest, !strings.ContainsFunc(rest, invalidInCode)
	}
	return rest, strings.Trim(rest, "0123456789") == ""
}

func invalidInCode(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
}

// entry returns the entry of a code. It replaces {X} with name.
func (f *fact) entry(code, name string, lang Language) Entry {
	fill := func(text string) string { return strings.ReplaceAll(text, "{X}", name) }
	text := textsIn(lang)[f.Code]
	e := Entry{
		Code: code, Scope: f.Scope, Status: f.Status, Retry: f.Retry, See: f.See,
		Meaning: fill(text.Meaning), Cause: fill(text.Cause), Remedy: fill(text.Remedy),
		Actions: []string{}, Statuses: []HTTPStatus{}, Messages: []string{}, Sources: []string{},
	}
	for _, a := range f.Answers {
		e.Sources = add(e.Sources, a.Source)
		if a.Message != "" {
			e.Messages = add(e.Messages, fill(a.Message))
		}
		for _, action := range a.Actions {
			e.Actions = add(e.Actions, action)
		}
		if a.HTTP == 0 {
			continue
		}
		if len(a.Actions) == 0 {
			e.Statuses = add(e.Statuses, HTTPStatus{Status: a.HTTP})
		}
		for _, action := range a.Actions {
			e.Statuses = add(e.Statuses, HTTPStatus{Action: action, Status: a.HTTP})
		}
	}
	return e
}

func add[T comparable](list []T, value T) []T {
	if slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}
