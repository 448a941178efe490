package assist

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

var (
	parameterName    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9_-]+$`) })
	emptyPlaceholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{\s*\}\}`) })
)

func (f *ValidationErrors) commandType(name string) {
	f.missing("Type", name)
	if name != "" && !slices.Contains([]string{"RunShellScript", "RunBatScript", "RunPowerShellScript"}, name) {
		f.add(http.StatusNotFound, "InvalidCmdType.NotFound", "The specified command type does not exist: %s.", name)
	}
}

func (f *ValidationErrors) content(text, encoding string, max int) string {
	f.missing("CommandContent", text)
	content, err := DecodeContent(text, encoding)
	if err != nil {
		f.add(http.StatusBadRequest, "CmdContent.DecodeError", "The CommandContent can not be base64 decoded.")
		return ""
	}
	if size := Base64Size(content); size > max {
		f.add(http.StatusForbidden, "CmdContent.ExceedLimit",
			"The length of the command content exceeds the upper limit: %d bytes in Base64, at most %d.", size, max)
	}
	return string(content)
}

func (f *ValidationErrors) parameters(content string, enabled bool, values map[string]string) {
	if !enabled {
		if len(values) > 0 {
			f.add(http.StatusBadRequest, "Parameter.Disabled", "Parameters should not be passed when CreateCommand.EnableParameter is false.")
		}
		return
	}
	names := ParameterNames(content)
	if emptyPlaceholder().MatchString(content) {
		f.add(http.StatusBadRequest, "CmdParam.EmptyKey", "Command parameters can not be empty: the content has {{}}.")
	}
	if len(names) > MaxParameterNames {
		f.add(http.StatusForbidden, "CmdParamCount.ExceedLimit", "You've reached the limit on the count of command parameters: %d, at most %d.", len(names), MaxParameterNames)
	}
	for _, name := range names {
		switch {
		case len(name) > MaxParameterName:
			f.add(http.StatusForbidden, "CmdParamName.ExceedLimit", "The length of the command parameter name exceeds the limit: %s.", name)
		case !parameterName().MatchString(name):
			f.add(http.StatusBadRequest, "CmdParam.InvalidParamName", "A command parameter name is invalid: %s.", name)
		}
	}
	f.parameterValues(values, runWords())
	f.notMatched(names, values, runWords())
}

// notMatched adds an error for each value whose name is not in the content.
func (f *ValidationErrors) notMatched(names []string, values map[string]string, words parameterWords) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "" && !slices.Contains(names, strings.ToLower(name)) {
			f.add(words.status, "Parameter.NotMatched", "%s: the content has no {{%s}}.", words.notMatched, name)
		}
	}
}

// wholeSize checks the total size of the content and of the names and values of the parameters. The documentation limits their sum in
// Base64, not the size of the content after replacement, where a value counts as often as it is used and placeholders do not count. A
// content that is too long by itself has already been reported.
func (f *ValidationErrors) wholeSize(content string, values map[string]string, max int, words parameterWords) {
	whole := []byte(content)
	for name, value := range values {
		whole = append(append(whole, name...), value...)
	}
	if size := Base64Size(whole); size > max && Base64Size([]byte(content)) <= max {
		f.add(http.StatusForbidden, "CmdContent.ExceedLimit",
			"%s: %d bytes in Base64 with its parameters, at most %d.", words.content, size, max)
	}
}

// parameterCharset refuses values with NUL bytes or invalid UTF-8.
func (f *ValidationErrors) parameterCharset(values map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !utf8.ValidString(values[name]) || strings.ContainsRune(values[name], 0) {
			f.add(http.StatusForbidden, "InvalidParameterCharset.Parameters", "The parameter Parameters contains illegal charset: %s.", name)
		}
	}
}

func (f *ValidationErrors) parameterValues(values map[string]string, words parameterWords) {
	if len(values) > MaxParameters {
		f.add(http.StatusForbidden, "ParameterCount.ExceedLimit", "%s: %d, at most %d.", words.count, len(values), MaxParameters)
	}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch lower := strings.ToLower(name); {
		case name == "":
			f.add(http.StatusBadRequest, "CmdParam.EmptyKey", "Command parameters can not be empty.")
		case len(name) > MaxParameterName:
			f.add(http.StatusForbidden, "ParameterKey.ExceedLimit", "%s: %s.", words.key, name)
		case seen[lower]:
			f.add(words.status, words.duplicateCode, "%s: %s.", words.duplicate, name)
		default:
			seen[lower] = true
		}
	}
}
