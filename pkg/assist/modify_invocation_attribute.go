package assist

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// ModifyInvocationAttributeRequest changes an invocation that runs later or more than once, or adds instances to it. Empty fields are not
// changed.
type ModifyInvocationAttributeRequest struct {
	RegionId        string
	InvokeId        string
	CommandContent  string // at most 24 KB in Base64; makes a new command
	ContentEncoding string // PlainText (the default) or Base64, in any letter case
	EnableParameter *bool  // required to be true with Parameters
	Parameters      JSONMap
	Frequency       string   // rate(…), at(…) or cron; has no effect unless the RepeatMode is Period
	InstanceId      []string // to be added
	ClientToken     string
}

// ModifyInvocationAttributeResponse contains the id of the command that the invocation runs from now on.
type ModifyInvocationAttributeResponse struct {
	RequestId string
	CommandId string
}

// Action returns the API's name of the action.
func (*ModifyInvocationAttributeRequest) Action() string { return "ModifyInvocationAttribute" }

// Repeatable reports whether there is a ClientToken, with which the service returns the first response again.
func (r *ModifyInvocationAttributeRequest) Repeatable() bool { return r.ClientToken != "" }

// Modifies reports whether the request changes what instances have received already. Adding instances does not. Such a change requires
// agents of at least [ModifiesInvocations] and ends a run in progress, which then has no result.
func (r *ModifyInvocationAttributeRequest) Modifies() bool {
	return r.CommandContent != "" || r.enables() || len(r.Parameters) > 0 || r.Frequency != ""
}

func (r *ModifyInvocationAttributeRequest) enables() bool {
	return r.EnableParameter != nil && *r.EnableParameter
}

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *ModifyInvocationAttributeRequest) Validate(limits Limits) error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	f.missing("InvokeId", r.InvokeId)
	content, err := DecodeContent(r.CommandContent, Encoding(r.ContentEncoding, PlainText))
	if err != nil {
		f.add(http.StatusBadRequest, "InvalidCommandContent.DecodeError", "The specified parameter CommandContent can not be Base64 decoded.")
	}
	checkModifiedSize(&f, content, nil)
	if r.enables() {
		checkModifiedNames(&f, string(content))
	}
	checkModifiedParameters(&f, r.Parameters)
	f.parameterCharset(r.Parameters)
	checkModifiedFrequency(&f, r.Frequency, 0)
	if slices.Contains(r.InstanceId, "") {
		f.add(http.StatusNotFound, "InvalidInstanceId.NotFound", "The specified parameter InstanceId does not exist: it is empty.")
	}
	checkModifiedTargets(&f, len(r.InstanceId), limits)
	f.clientToken(r.ClientToken)
	return f.orNil()
}

// ValidateWith checks a request together with the invocation that it changes, whose content is plain text. An error is a
// [ValidationErrors].
func (r *ModifyInvocationAttributeRequest) ValidateWith(inv *Invocation, limits Limits) error {
	var f ValidationErrors
	switch {
	case !inv.Periodic():
		f.add(http.StatusForbidden, "InvalidOperation.RepeatModeUnsupported",
			"The operation is not supported for current repeat mode of invocation: %s.", inv.RepeatMode)
	case inv.Status().Terminal():
		f.add(http.StatusForbidden, "InvalidOperation.InvokeAlreadyFinished",
			"The operation is not supported for finished invocation: it is %s.", inv.Status())
	}
	if strings.EqualFold(inv.RepeatMode, "Period") {
		checkModifiedFrequency(&f, r.Frequency, inv.Timeout)
	}
	content := inv.CommandContent
	if r.CommandContent != "" {
		decoded, _ := DecodeContent(r.CommandContent, Encoding(r.ContentEncoding, PlainText))
		content = string(decoded)
	}
	if len(r.Parameters) > 0 {
		names := ParameterNames(content)
		for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
			if !slices.Contains(names, strings.ToLower(name)) {
				f.add(http.StatusBadRequest, "InvalidParameters.KeyNotMatch",
					"The key in the parameter Parameters do not match those defined when creating the command: the content has no {{%s}}.", name)
			}
		}
		checkModifiedSize(&f, []byte(content), r.Parameters)
	}
	added := map[string]bool{}
	for _, id := range r.InstanceId {
		added[id] = true
	}
	for _, it := range inv.InvokeInstances.InvokeInstance {
		added[it.InstanceId] = true
	}
	if len(r.InstanceId) > 0 {
		checkModifiedTargets(&f, len(added), limits)
	}
	return f.orNil()
}

// checkModifiedSize checks the size of a content, with its parameters if there are any.
func checkModifiedSize(f *ValidationErrors, content []byte, values map[string]string) {
	whole := slices.Clone(content)
	for name, value := range values {
		whole = append(append(whole, name...), value...)
	}
	if size := Base64Size(whole); size > MaxContent {
		f.add(http.StatusForbidden, "InvalidCommandContent.LengthLimitExceeded",
			"The length of the parameter CommandContent exceeds the limit of %d KB characters: %d bytes in Base64.", MaxContent/1024, size)
	}
}

// checkModifiedNames checks the names of the parameters in a content. The documentation has no codes for them; these are those of the names
// in Parameters.
func checkModifiedNames(f *ValidationErrors, content string) {
	if emptyPlaceholder().MatchString(content) {
		f.add(http.StatusBadRequest, "InvalidParameters.KeyEmpty", "The key in the parameter Parameters cannot be empty: the content has {{}}.")
	}
	names := ParameterNames(content)
	if len(names) > MaxParameterNames {
		f.add(http.StatusForbidden, "InvalidParameters.CountLimitExceeded",
			"The count of the parameter Parameters exceeds the limit: the content has %d, at most %d.", len(names), MaxParameterNames)
	}
	for _, name := range names {
		checkModifiedName(f, name)
	}
}

func checkModifiedParameters(f *ValidationErrors, values map[string]string) {
	if len(values) > MaxParameters {
		f.add(http.StatusForbidden, "InvalidParameters.CountLimitExceeded",
			"The count of the parameter Parameters exceeds the limit of %d: %d.", MaxParameters, len(values))
	}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch lower := strings.ToLower(name); {
		case name == "":
			f.add(http.StatusBadRequest, "InvalidParameters.KeyEmpty", "The key in the parameter Parameters cannot be empty.")
		case seen[lower]:
			f.add(http.StatusBadRequest, "InvalidParameters.KeyDuplicate", "The key in the parameter Parameters cannot be duplicated: %s.", name)
		default:
			seen[lower] = true
			checkModifiedName(f, name)
		}
	}
}

func checkModifiedName(f *ValidationErrors, name string) {
	switch {
	case utf8.RuneCountInString(name) > MaxParameterName:
		f.add(http.StatusForbidden, "InvalidParameters.KeyLengthLimitExceeded",
			"The length of the key in the parameter Parameters exceeds the limit of %d characters: %s.", MaxParameterName, name)
	case !parameterName().MatchString(strings.ToLower(name)):
		f.add(http.StatusBadRequest, "InvalidParameters.KeyMalformed", "The key in the parameter Parameters is not valid: %s.", name)
	}
}

// checkModifiedFrequency checks a frequency for a command with a timeout in seconds, or without one if it is 0.
func checkModifiedFrequency(f *ValidationErrors, text string, timeout int64) {
	if err := frequencyError(text, timeout); err != nil {
		f.add(http.StatusBadRequest, "InvalidParameter.Frequency", "The specified parameter Frequency is not valid: %v.", err)
	}
}

func checkModifiedTargets(f *ValidationErrors, n int, limits Limits) {
	if n > limits.InvokeInstances {
		f.add(http.StatusForbidden, "InvalidInstanceId.CountLimitExceeded",
			"The count of the parameter InstanceId exceeds the limit of %d: the invocation would have %d.", limits.InvokeInstances, n)
	}
}
