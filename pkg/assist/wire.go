package assist

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// Version is the version of the ECS API. It is the version of all requests without a Version method.
const Version = "2014-05-26"

// Request is the parameters of a call. The exported fields of the struct are the parameters:
//
//	string, int64, bool    Name=value, without zero values
//	*bool, *string         Name=value, including zero values, without nil
//	[]string               Name.1=…&Name.2=…
//	[]struct               Name.1.Field=…, including empty fields
//	JSONList, JSONMap      Name=<a JSON array or object in one string>
//
// The fields of an embedded struct are fields of the request.
type Request interface {
	// Action returns the API's name of the action.
	Action() string
	// Repeatable reports whether the call can be sent again after its response was lost, without any further effect.
	Repeatable() bool
}

// VersionOf returns the version of the API that a request belongs to. A request of an API other than ECS has a method
// Version that returns it.
func VersionOf(r Request) string {
	if own, ok := r.(interface{ Version() string }); ok {
		return own.Version()
	}
	return Version
}

// Anonymous reports whether a request is sent without a signature. Such a request has a method Anonymous that returns true.
func Anonymous(r Request) bool {
	own, ok := r.(interface{ Anonymous() bool })
	return ok && own.Anonymous()
}

// JSONList is a list of strings that is sent as a JSON array in one parameter. An empty list is sent, nil is not.
type JSONList []string

// JSONMap is a map that is sent as a JSON object in one parameter.
type JSONMap map[string]string

// Text returns the JSON object. It is {} if the map is empty.
func (m JSONMap) Text() string {
	if len(m) == 0 {
		return "{}"
	}
	return jsonText(map[string]string(m))
}

// Encode returns the parameters of a request for a query or a form.
func Encode(r Request) url.Values {
	params := url.Values{}
	encodeStruct(params, "", reflect.Indirect(reflect.ValueOf(r)), false)
	return params
}

func encodeStruct(params url.Values, prefix string, v reflect.Value, whole bool) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			encodeStruct(params, prefix, v.Field(i), whole)
			continue
		}
		encodeField(params, prefix+field.Name, v.Field(i), whole)
	}
}

func encodeField(params url.Values, name string, v reflect.Value, whole bool) {
	switch value := v.Interface().(type) {
	case JSONList:
		if value != nil {
			params.Set(name, jsonText([]string(value)))
		}
		return
	case JSONMap:
		if len(value) > 0 {
			params.Set(name, value.Text())
		}
		return
	case *bool:
		if value != nil {
			params.Set(name, strconv.FormatBool(*value))
		}
		return
	case *string:
		if value != nil {
			params.Set(name, *value)
		}
		return
	}
	switch v.Kind() {
	case reflect.String, reflect.Int64, reflect.Bool:
		if whole || !v.IsZero() {
			params.Set(name, fmt.Sprint(v.Interface()))
		}
	case reflect.Slice:
		for i := range v.Len() {
			element := name + "." + strconv.Itoa(i+1)
			if v.Index(i).Kind() == reflect.Struct {
				encodeStruct(params, element+".", v.Index(i), true)
			} else {
				encodeField(params, element, v.Index(i), true)
			}
		}
	default:
		panic("assist: unsupported kind of request field: " + name)
	}
}

func jsonText(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // strings always encode
	}
	return strings.TrimSuffix(b.String(), "\n")
}
