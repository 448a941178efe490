package assist

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

const builtinPrefix = "acs::"

// Builtins are the parameters that the service fills in by itself. Their names are case-sensitive.
func Builtins() []string {
	return []string{
		"ACS::RegionId", "ACS::AccountId", "ACS::InstanceId", "ACS::InstanceName", "ACS::InvokeId", "ACS::CommandId",
	}
}

// placeholder is {{name}}; white space inside the braces does not count, nor does that around the colons of a built-in
// parameter.
var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{\s*(ACS\s*::\s*[\w.-]+|[^{}\s]+)\s*\}\}`) })

// placed is the name in a placeholder that matched.
func placed(match []string) string { return strings.Join(strings.Fields(match[1]), "") }

// Placeholder is a place in a content where the service puts the value of a parameter.
type Placeholder struct {
	Name   string // as it is written, without white space
	Custom bool   // it is no built-in parameter, nor a look-up in the parameter store
	Offset int
	Size   int
}

// Placeholders returns the places in a content, in their order.
func Placeholders(content string) []Placeholder {
	var all []Placeholder
	for _, at := range placeholder().FindAllStringSubmatchIndex(content, -1) {
		name := strings.Join(strings.Fields(content[at[2]:at[3]]), "")
		all = append(all, Placeholder{Name: name, Custom: custom(strings.ToLower(name)), Offset: at[0], Size: at[1] - at[0]})
	}
	return all
}

// ParameterNames are the distinct names of the custom parameters in a content, in lower case, in the order in which they
// first stand there. Built-in ones, and look-ups in the parameter store, are not among them.
func ParameterNames(content string) []string {
	var names []string
	for _, match := range placeholder().FindAllStringSubmatch(content, -1) {
		name := strings.ToLower(placed(match))
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

// HasBuiltin tells whether a content has a built-in parameter, by its exact name.
func HasBuiltin(content string) bool { return len(builtinsIn(content)) > 0 }

func builtinsIn(content string) []string {
	var names []string
	for _, match := range placeholder().FindAllStringSubmatch(content, -1) {
		if name := placed(match); slices.Contains(Builtins(), name) {
			names = append(names, name)
		}
	}
	return names
}

// FillParameters puts values in the places of custom parameters, without regard to letter case. A name without a value
// becomes the empty string.
func FillParameters(content string, values map[string]string) string {
	folded := map[string]string{}
	for name, value := range values {
		folded[strings.ToLower(name)] = value
	}
	return placeholder().ReplaceAllStringFunc(content, func(match string) string {
		name := strings.ToLower(placed(placeholder().FindStringSubmatch(match)))
		if !custom(name) {
			return match
		}
		return folded[name]
	})
}

// FillBuiltins puts values in the places of built-in parameters. The second result names the first one that is unknown.
func FillBuiltins(content string, values map[string]string) (filled, unknown string) {
	filled = placeholder().ReplaceAllStringFunc(content, func(match string) string {
		name := placed(placeholder().FindStringSubmatch(match))
		if !strings.HasPrefix(strings.ToLower(name), builtinPrefix) {
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
