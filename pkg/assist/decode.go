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

// Decode decodes the parameters of a query or a form into a request. It is the inverse of [Encode]. Unknown parameters are ignored. For
// a list, a single Name=value is one element, as the aliyun CLI sends it. A value that does not match its parameter's type or is not
// UTF-8 is an [*Error] with the code InvalidParameter.<Name>. The API has other codes for the content of the JSON object Parameters.
func Decode(params url.Values, r Request) error {
	words := runWords()
	switch r.(type) {
	case *InvokeCommandRequest:
		words = invokeWords()
	case *ModifyInvocationAttributeRequest:
		words = modifyWords()
	}
	err := decodeStruct(decoding{params, listsOf(params), words}, "", reflect.Indirect(reflect.ValueOf(r)))
	if p, ok := r.(interface{ decoded(params url.Values) }); ok {
		p.decoded(params)
	}
	return err
}

// decoding is the input of [Decode].
type decoding struct {
	url.Values
	lists map[string][]int // the sorted indices of each list's elements, by the list's name
	words parameterWords
}

// maxParts is the maximum number of parts of a parameter's name, as in TagFilter.1.TagValues.1.
const maxParts = 4

// listsOf returns all lists. It takes a single pass, because a call may have thousands of elements.
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
		return invalidUTF8(name)
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
		panic("assist: unsupported kind of request field: " + name)
	}
	return nil
}

// decodeList decodes the elements in the order of their indices. It ignores gaps, and a large index takes no memory.
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

// decodeJSONList also accepts the list's other forms: Name.1=…, and a bare value, which examples in the oldest documentation use for
// InstanceIds.
func decodeJSONList(params decoding, name string, target *JSONList) error {
	for _, i := range params.lists[name] {
		element := params.Get(name + "." + strconv.Itoa(i))
		if !utf8.ValidString(element) {
			return invalidUTF8(name)
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
	if key, ok := duplicateKey(text); ok {
		return &Error{Code: words.duplicateCode, HTTPStatus: words.status, Message: words.duplicate + ": " + key + "."}
	}
	*target = make(JSONMap, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value, ok := values[key].(string)
		if !ok {
			return &Error{
				Code: words.valueTypeCode, HTTPStatus: http.StatusForbidden,
				Message: fmt.Sprintf("%s: %s is not a string.", words.valueType, key),
			}
		}
		(*target)[key] = value
	}
	return nil
}

// duplicateKey returns a key that occurs several times in a JSON object, and whether there is one. Decoding such an object keeps only the
// last value.
func duplicateKey(object string) (string, bool) {
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

// invalidUTF8 returns the refusal of a value that is not UTF-8.
func invalidUTF8(name string) *Error {
	if name == "Parameters" {
		return &Error{
			Code: "InvalidParameterCharset.Parameters", HTTPStatus: http.StatusForbidden,
			Message: "The parameter Parameters contains illegal charset.",
		}
	}
	return invalidValue(name, "text in UTF-8")
}

// invalidValue returns the refusal of a value. want is what the value must be.
func invalidValue(name, want string) *Error {
	list, _, _ := strings.Cut(name, ".")
	return InvalidParameter("InvalidParameter."+list, name, "it must be "+want)
}
