package assist

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Decode fills a request from the parameters of a query or a form; it is Encode backwards. Parameters that the request
// does not know are left alone. A bare Name=value stands for a list of one, as the aliyun CLI sends it. A value that is
// not of its parameter's type, or not in UTF-8, is an *Error with the code InvalidParameter.<Name>; inside the JSON object of
// Parameters the API has codes of its own.
func Decode(params url.Values, r Request) error {
	words := runWords()
	if _, ok := r.(*InvokeCommandRequest); ok {
		words = invokeWords()
	}
	err := decodeStruct(decoding{params, listsOf(params), words}, "", reflect.Indirect(reflect.ValueOf(r)))
	if p, ok := r.(interface{ decoded(params url.Values) }); ok {
		p.decoded(params)
	}
	return err
}

// decoding is what a request is decoded from.
type decoding struct {
	url.Values
	lists map[string][]int // by their names, with the numbers of their elements in order
	words parameterWords
}

// maxParts is how many a parameter's name has at most, as in TagFilter.1.TagValues.1.
const maxParts = 4

// listsOf finds all lists in one pass: a call may have thousands of elements.
func listsOf(params url.Values) map[string][]int {
	lists := map[string][]int{}
	for name := range params {
		parts := strings.SplitN(name, ".", maxParts+1)
		end := len(parts[0])
		for _, part := range parts[1:min(len(parts), maxParts)] {
			if i, err := strconv.Atoi(part); err == nil && i > 0 && strconv.Itoa(i) == part {
				lists[name[:end]] = append(lists[name[:end]], i)
			}
			end += len(".") + len(part)
		}
	}
	for name, indices := range lists {
		slices.Sort(indices)
		lists[name] = slices.Compact(indices)
	}
	return lists
}

func decodeStruct(params decoding, prefix string, v reflect.Value) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		var err error
		if field.Anonymous {
			err = decodeStruct(params, prefix, v.Field(i))
		} else {
			err = decodeField(params, prefix+field.Name, v.Field(i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func decodeField(params decoding, name string, v reflect.Value) error {
	text := params.Get(name)
	if !utf8.ValidString(text) {
		return noText(name)
	}
	switch target := v.Addr().Interface().(type) {
	case *JSONList:
		return decodeJSONList(params, name, target)
	case *JSONMap:
		return decodeJSONMap(name, text, target, params.words)
	case **bool:
		if text == "" {
			return nil
		}
		flag, err := parseBool(name, text)
		*target = &flag
		return err
	}
	switch v.Kind() {
	case reflect.Pointer: // *string
		if params.Has(name) {
			v.Set(reflect.ValueOf(&text))
		}
	case reflect.String:
		v.SetString(text)
	case reflect.Int64:
		if text == "" {
			return nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return invalidValue(name, "a whole number")
		}
		v.SetInt(n)
	case reflect.Bool:
		if text == "" {
			return nil
		}
		flag, err := parseBool(name, text)
		v.SetBool(flag)
		return err
	case reflect.Slice:
		return decodeList(params, name, v)
	default:
		panic("assist: a request field of a kind that has no encoding: " + name)
	}
	return nil
}

// decodeList takes the indices that are there, in their order: gaps close up, and a huge index costs nothing.
func decodeList(params decoding, name string, v reflect.Value) error {
	var elements []string
	for _, i := range params.lists[name] {
		elements = append(elements, name+"."+strconv.Itoa(i))
	}
	if len(elements) == 0 && v.Type().Elem().Kind() == reflect.String && params.Has(name) {
		elements = []string{name}
	}
	for _, element := range elements {
		item := reflect.New(v.Type().Elem()).Elem()
		var err error
		if item.Kind() == reflect.Struct {
			err = decodeStruct(params, element+".", item)
		} else {
			err = decodeField(params, element, item)
		}
		if err != nil {
			return err
		}
		v.Set(reflect.Append(v, item))
	}
	return nil
}

// decodeJSONList also reads the list's other forms: Name.1=… and a bare value, which the oldest documents' own examples
// send for InstanceIds.
func decodeJSONList(params decoding, name string, target *JSONList) error {
	for _, i := range params.lists[name] {
		element := params.Get(name + "." + strconv.Itoa(i))
		if !utf8.ValidString(element) {
			return noText(name)
		}
		*target = append(*target, element)
	}
	text := strings.TrimSpace(params.Get(name))
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(text, "["):
		list := []string{}
		if json.Unmarshal([]byte(text), &list) != nil {
			return invalidValue(name, "a JSON array of strings")
		}
		*target = append(*target, list...)
		if *target == nil {
			*target = JSONList{}
		}
	default:
		*target = append(*target, text)
	}
	return nil
}

func decodeJSONMap(name, text string, target *JSONMap, words parameterWords) error {
	if text == "" {
		return nil
	}
	var values map[string]any
	if json.Unmarshal([]byte(text), &values) != nil || values == nil {
		return invalidValue(name, "a JSON object of strings")
	}
	if key, ok := keyTwice(text); ok {
		return &Error{Code: "ParameterKey.Duplicate", HTTPStatus: words.status, Message: words.duplicate + ": " + key + "."}
	}
	*target = make(JSONMap, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value, ok := values[key].(string)
		if !ok {
			return &Error{
				Code: "ParameterType.NotSupported", HTTPStatus: http.StatusForbidden,
				Message: fmt.Sprintf("The type of parameter value is not supported: %s is not a string.", key),
			}
		}
		(*target)[key] = value
	}
	return nil
}

// keyTwice names a key that a JSON object has more than once. Of its values only the last is left when it is decoded.
func keyTwice(object string) (string, bool) {
	d := json.NewDecoder(strings.NewReader(object))
	seen := map[string]bool{}
	_, err := d.Token()
	for err == nil && d.More() {
		key, bad := d.Token()
		name, _ := key.(string)
		if seen[name] {
			return name, true
		}
		seen[name] = true
		err = errors.Join(bad, d.Decode(new(json.RawMessage)))
	}
	return "", false
}

func parseBool(name, text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, invalidValue(name, "true or false")
}

// noText refuses what is not in UTF-8.
func noText(name string) *Error {
	if name == "Parameters" {
		return &Error{
			Code: "InvalidParameterCharset.Parameters", HTTPStatus: http.StatusForbidden,
			Message: "The parameter Parameters contains illegal charset.",
		}
	}
	return invalidValue(name, "text in UTF-8")
}

func invalidValue(name, want string) *Error {
	list, _, _ := strings.Cut(name, ".")
	return InvalidParameter("InvalidParameter."+list, name, "it must be "+want)
}
