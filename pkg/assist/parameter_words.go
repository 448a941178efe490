package assist

import "net/http"

// parameterWords are the messages of the actions with Parameters for the same errors, and the HTTP status and code of some of them.
type parameterWords struct {
	status                                                int
	duplicateCode, valueTypeCode                          string
	content, count, key, duplicate, notMatched, valueType string
}

func runWords() parameterWords {
	return parameterWords{
		status:        http.StatusBadRequest,
		content:       "The length of the command content exceeds the upper limit",
		count:         "The number of command parameters exceeds the maximum number that can be set",
		key:           "The length of the specified parameter key exceeds the maximum length that can be set",
		duplicate:     "The parameter may not contain duplicate keys",
		notMatched:    "The parameters of creation do not match those of invocation",
		duplicateCode: "ParameterKey.Duplicate", valueTypeCode: "ParameterType.NotSupported",
		valueType: "The type of parameter value is not supported",
	}
}

func invokeWords() parameterWords {
	return parameterWords{
		status:        http.StatusForbidden,
		content:       "The maximum length of a command is exceeded",
		count:         "The maximum number of parameters is exceeded",
		key:           "The maximum length of a parameter name is exceeded",
		duplicate:     "Parameter names cannot be duplicated",
		notMatched:    "The passed-in parameters do not match the parameters defined when you created the command",
		duplicateCode: "ParameterKey.Duplicate", valueTypeCode: "ParameterType.NotSupported",
		valueType: "The type of parameter value is not supported",
	}
}

// modifyWords has only what decoding needs. ModifyInvocationAttribute has codes of its own for everything else.
func modifyWords() parameterWords {
	return parameterWords{
		status:        http.StatusBadRequest,
		duplicateCode: "InvalidParameters.KeyDuplicate", valueTypeCode: "InvalidParameters.ValueTypeUnsupported",
		duplicate: "The key in the parameter Parameters cannot be duplicated",
		valueType: "The type of the value in the parameter Parameters is not supported",
	}
}
