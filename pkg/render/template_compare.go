package render

import (
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"text/template"
)

// comparisons returns text/template's comparison functions for values of JSON: numbers compare by value, whatever their type,
// and null is equal only to itself, and neither less nor greater than anything.
func comparisons() template.FuncMap {
	ordered := func(holds func(int) bool) func(a, b any) (bool, error) {
		return func(a, b any) (bool, error) {
			if a == nil || b == nil {
				return false, nil
			}
			order, err := compare(a, b)
			return err == nil && holds(order), err
		}
	}
	return template.FuncMap{
		"lt": ordered(func(order int) bool { return order < 0 }),
		"le": ordered(func(order int) bool { return order <= 0 }),
		"gt": ordered(func(order int) bool { return order > 0 }),
		"ge": ordered(func(order int) bool { return order >= 0 }),
		"eq": equalsAny,
		"ne": func(a, b any) (bool, error) {
			equal, err := equals(a, b)
			return !equal, err
		},
	}
}

// equalsAny reports whether a value is equal to one of others.
func equalsAny(value, first any, others ...any) (bool, error) {
	for _, other := range append([]any{first}, others...) {
		if equal, err := equals(value, other); equal || err != nil {
			return equal, err
		}
	}
	return false, nil
}

func equals(a, b any) (bool, error) {
	if a == nil || b == nil {
		return a == nil && b == nil, nil
	}
	if x, ok := a.(bool); ok {
		if y, ok := b.(bool); ok {
			return x == y, nil
		}
	}
	order, err := compare(a, b)
	return err == nil && order == 0, err
}

// compare orders two numbers or two texts.
func compare(a, b any) (int, error) {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	}
	x, isNumber := exactNumber(a)
	y, areNumbers := exactNumber(b)
	if !isNumber || !areNumbers {
		return 0, fmt.Errorf("%s and %s cannot be compared", kindOf(a), kindOf(b))
	}
	return x.Cmp(y), nil
}

// exactNumber returns a number without rounding it.
func exactNumber(value any) (*big.Float, bool) {
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint8:
		if v.CanInt() {
			return new(big.Float).SetInt64(v.Int()), true
		}
		return new(big.Float).SetUint64(v.Uint()), true
	case reflect.Float64:
		return new(big.Float).SetFloat64(v.Float()), true
	case reflect.Pointer:
		if whole, ok := value.(*big.Int); ok {
			return new(big.Float).SetInt(whole), true
		}
	}
	return nil, false
}

// kindOf returns JSON's name of a value's kind.
func kindOf(value any) string {
	if _, ok := exactNumber(value); ok {
		return "a number"
	}
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "a text"
	case bool:
		return "a truth value"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", value)
}
