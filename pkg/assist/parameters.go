package assist

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

const builtinPrefix = "acs::"

// Builtins returns the names of the parameters that the service fills in. They are case-sensitive.
func Builtins() []string {
	return []string{
		"ACS::RegionId", "ACS::AccountId", "ACS::InstanceId", "ACS::InstanceName", "ACS::InvokeId", "ACS::CommandId",
	}
}

// placeholder matches {{name}}. White space is allowed inside the braces and around the colons of a built-in parameter.
var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{\s*(ACS\s*::\s*[\w.-]+|[^{}\s]+)\s*\}\}`) })

// placeholderName returns the name in a match of placeholder.
func placeholderName(match []string) string { return strings.Join(strings.Fields(match[1]), "") }

// Placeholder is a place in a content that the service replaces with the value of a parameter.
type Placeholder struct {
	Name   string // without white space
	Custom bool   // whether it is neither a built-in parameter nor a reference to the parameter store
	Offset int
	Size   int
}

// Placeholders returns the placeholders in a content, in order.
func Placeholders(content string) []Placeholder {
	var all []Placeholder
	for _, at := range placeholder().FindAllStringSubmatchIndex(content, -1) {
		name := strings.Join(strings.Fields(content[at[2]:at[3]]), "")
		all = append(all, Placeholder{Name: name, Custom: custom(strings.ToLower(name)), Offset: at[0], Size: at[1] - at[0]})
	}
	return all
}

// ParameterNames returns the distinct names of the custom parameters in a content, in lower case, in the order of their first use. It
// omits built-in parameters and references to the parameter store.
func ParameterNames(content string) []string {
	var names []string
	for _, match := range placeholder().FindAllStringSubmatch(content, -1) {
		name := strings.ToLower(placeholderName(match))
		if !custom(name) || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
	}
	return names
}

func custom(name string) bool {
	return !strings.HasPrefix(name, builtinPrefix) && !strings.HasPrefix(name, "oos:") &&
		!strings.HasPrefix(name, "oos-secret:")
}

// HasBuiltin reports whether a content has a built-in parameter. The name must match exactly.
func HasBuiltin(content string) bool { return len(builtinsIn(content)) > 0 }

func builtinsIn(content string) []string {
	var names []string
	for _, match := range placeholder().FindAllStringSubmatch(content, -1) {
		if name := placeholderName(match); slices.Contains(Builtins(), name) {
			names = append(names, name)
		}
	}
	return names
}

// FillParameters replaces custom parameters with their values. It ignores letter case. A name without a value becomes the empty string.
func FillParameters(content string, values map[string]string) string {
	folded := map[string]string{}
	for name, value := range values {
		folded[strings.ToLower(name)] = value
	}
	return placeholder().ReplaceAllStringFunc(content, func(match string) string {
		name := strings.ToLower(placeholderName(placeholder().FindStringSubmatch(match)))
		if !custom(name) {
			return match
		}
		return folded[name]
	})
}

// FillBuiltins replaces built-in parameters with their values. It also returns the first name without a value. Like the agent, it
// leaves names whose prefix is not in upper case as they are.
func FillBuiltins(content string, values map[string]string) (filled, unknown string) {
	filled = placeholder().ReplaceAllStringFunc(content, func(match string) string {
		name := placeholderName(placeholder().FindStringSubmatch(match))
		if !strings.HasPrefix(name, strings.ToUpper(builtinPrefix)) {
			return match
		}
		value, ok := values[name]
		if !ok && unknown == "" {
			unknown = name
		}
		return value
	})
	return filled, unknown
}
