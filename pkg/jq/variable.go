package jq

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// Variable is a named value that an expression can use.
type Variable struct {
	Name  string // without the $
	Value any    // as [Decode] returns it
}

var variableName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

// ParseVariable parses NAME=VALUE. The value is a string, or JSON if isJSON is set.
func ParseVariable(text string, isJSON bool) (Variable, error) {
	name, value, found := strings.Cut(text, "=")
	switch {
	case !found && isJSON:
		return Variable{}, fmt.Errorf("%q has no =: write NAME=JSON, in one word", text)
	case !found:
		return Variable{}, fmt.Errorf("%q has no =: write NAME=VALUE, in one word", text)
	case strings.HasPrefix(name, "$") && variableName().MatchString(name[1:]):
		return Variable{}, fmt.Errorf("%q: write the name without the $", name)
	case !variableName().MatchString(name):
		return Variable{}, fmt.Errorf("%q is not a variable name: use letters, digits and _, and no leading digit", name)
	case !isJSON:
		return Variable{name, value}, nil
	}
	decoded, err := Decode([]byte(value))
	if err != nil {
		return Variable{}, fmt.Errorf("the value of %s is not JSON: %q; write a string in double quotes", name, value)
	}
	return Variable{name, decoded}, nil
}

// Duplicate returns the first name that occurs twice, and whether there is one.
func Duplicate(all []Variable) (name string, ok bool) {
	seen := map[string]bool{}
	for _, v := range all {
		if seen[v.Name] {
			return v.Name, true
		}
		seen[v.Name] = true
	}
	return "", false
}

// variables returns the names and values of all variables of an expression, including those of jq itself.
func variables(text string, given []Variable) (names []string, values []any) {
	named := map[string]any{}
	for _, v := range given {
		named[v.Name] = v.Value
	}
	names, values = []string{"$ARGS"}, []any{map[string]any{"positional": []any{}, "named": named}}
	if !strings.Contains(text, "\n") { // otherwise the line is unknown
		names, values = append(names, "$__loc__"), append(values, map[string]any{"file": "<top-level>", "line": 1})
	}
	for _, v := range given {
		names, values = append(names, "$"+v.Name), append(values, v.Value)
	}
	return names, values
}
