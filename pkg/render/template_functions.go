package render

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"muster/pkg/jq"
)

// templateFunctions returns the functions that templates have besides text/template's own. The value is their last argument, so
// that they can be used after a pipe.
func templateFunctions() template.FuncMap {
	return template.FuncMap{
		shownFunction: shown,
		"json":        func(value any) string { return string(jq.Encode(jqValue(value))) },
		"join":        join,
		"upper":       func(value any) string { return strings.ToUpper(printed(value)) },
		"lower":       func(value any) string { return strings.ToLower(printed(value)) },
		"trim":        func(value any) string { return strings.TrimSpace(printed(value)) },
		"split":       func(separator string, value any) []any { return list(strings.Split(printed(value), separator)) },
		"lines":       func(value any) []any { return list(splitLines(printed(value))) },
		"replace":     func(old, with string, value any) string { return strings.ReplaceAll(printed(value), old, with) },
		"contains":    func(part string, value any) bool { return strings.Contains(printed(value), part) },
		"hasPrefix":   func(prefix string, value any) bool { return strings.HasPrefix(printed(value), prefix) },
		"hasSuffix":   func(suffix string, value any) bool { return strings.HasSuffix(printed(value), suffix) },
		"truncate":    truncate,
		"default":     fallback,
		"b64enc":      func(value any) string { return base64.StdEncoding.EncodeToString([]byte(printed(value))) },
		"b64dec":      decodeBase64,
		"date":        date,
	}
}

// templateValue returns a value of jq.Decode for templates: numbers are int if they are whole and fit, and otherwise *big.Int
// or float64.
func templateValue(value any) any {
	switch v := value.(type) {
	case json.Number:
		number, _ := v.Float64() // infinite if it is too large
		return number
	case []any:
		values := make([]any, len(v))
		for i := range v {
			values[i] = templateValue(v[i])
		}
		return values
	case map[string]any:
		values := make(map[string]any, len(v))
		for key := range v {
			values[key] = templateValue(v[key])
		}
		return values
	}
	return value
}

// jqValue returns a value of a template for jq.Encode: some functions of text/template return other types.
func jqValue(value any) any {
	switch v := value.(type) {
	case nil, bool, string, int, float64, *big.Int, []any, map[string]any:
		return v
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	decoded, err := jq.Decode(text)
	if err != nil {
		return fmt.Sprint(value)
	}
	return decoded
}

// shown returns how a value is printed: nothing for null, and a number as in JSON.
func shown(value any) any {
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		return string(jq.Encode(v))
	}
	return value
}

// printed returns a value as it is printed.
func printed(value any) string { return fmt.Sprint(shown(value)) }

func list(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}

// splitLines returns the lines of a text without their line breaks.
func splitLines(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func join(separator string, value any) (string, error) {
	items := reflect.ValueOf(value)
	if value == nil {
		return "", nil
	}
	if items.Kind() != reflect.Slice {
		return "", fmt.Errorf("join needs a list, not %s", kindOf(value))
	}
	texts := make([]string, items.Len())
	for i := range texts {
		texts[i] = printed(items.Index(i).Interface())
	}
	return strings.Join(texts, separator), nil
}

// truncate returns at most width characters of a value, the last of which is … if it was truncated.
func truncate(width int, value any) (string, error) {
	text := printed(value)
	switch {
	case width < 1:
		return "", errors.New("the width must be at least 1")
	case utf8.RuneCountInString(text) <= width:
		return text, nil
	}
	return string([]rune(text)[:width-1]) + "…", nil
}

// fallback returns a value, or another one if it is null or an empty text. Zero, false and an empty list are values.
func fallback(instead, value any) any {
	if value == nil || value == "" {
		return instead
	}
	return value
}

func decodeBase64(value any) (string, error) {
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(printed(value)))
	return string(text), err
}

// date formats a time of the API, or seconds since 1970, with a layout of Go's time package, in UTC. An empty text stays empty.
func date(layout string, value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case int:
		return time.Unix(int64(v), 0).UTC().Format(layout), nil
	case float64:
		whole, part := math.Modf(v)
		return time.Unix(int64(whole), int64(part*1e9)).UTC().Format(layout), nil
	}
	text := printed(value)
	if text == "" {
		return "", nil
	}
	for _, written := range []string{time.RFC3339, "2006-01-02T15:04Z"} {
		if at, err := time.Parse(written, text); err == nil {
			return at.UTC().Format(layout), nil
		}
	}
	return "", fmt.Errorf("invalid time %q", text)
}
