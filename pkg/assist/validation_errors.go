package assist

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// ValidationErrors are all errors of a request that Validate finds, with the API's own codes and messages.
type ValidationErrors []*Error

func (f ValidationErrors) Error() string {
	var lines []string
	for _, fault := range f {
		lines = append(lines, fault.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the individual errors.
func (f ValidationErrors) Unwrap() []error {
	var list []error
	for _, fault := range f {
		list = append(list, fault)
	}
	return list
}

func (f *ValidationErrors) add(status int, code, format string, args ...any) {
	*f = append(*f, &Error{Code: code, Message: fmt.Sprintf(format, args...), HTTPStatus: status})
}

func (f *ValidationErrors) missing(name, value string) {
	if value == "" {
		f.add(http.StatusBadRequest, "MissingParameter."+name,
			"The input parameter %q that is mandatory for processing this request is not supplied.", name)
	}
}

func (f *ValidationErrors) tooLong(value string, max, status int, code, what string) {
	if n := utf8.RuneCountInString(value); n > max {
		f.add(status, code, "The length of the %s exceeds the upper limit: %d characters, at most %d.", what, n, max)
	}
}

func (f ValidationErrors) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
