package assist

import (
	"reflect"
	"sync"
)

// FillLists replaces each nil List in the value that response points to with an empty one, at all levels. The alternative would be a
// MarshalJSON of List, but with it encoding/json processes the content again at each level.
func FillLists(response any) { fillLists(reflect.ValueOf(response).Elem()) }

type list interface{ fill() }

func fillLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, i := range listFields(v.Type()) {
			fillLists(v.Field(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fillLists(v.Elem())
		}
	case reflect.Slice:
		if l, ok := v.Addr().Interface().(list); ok {
			l.fill()
		}
		if holdsLists(v.Type().Elem()) {
			for i := range v.Len() {
				fillLists(v.Index(i))
			}
		}
	}
}

// holdsLists reports whether values of a type can contain lists.
func holdsLists(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		return len(listFields(t)) > 0
	case reflect.Pointer:
		return holdsLists(t.Elem())
	case reflect.Slice:
		return reflect.PointerTo(t).Implements(reflect.TypeFor[list]()) || holdsLists(t.Elem())
	}
	return false
}

// knownListFields caches the results of listFields by reflect.Type.
var knownListFields sync.Map

// listFields returns the indices of a struct's fields that contain lists.
func listFields(t reflect.Type) []int {
	if known, ok := knownListFields.Load(t); ok {
		return known.([]int)
	}
	var fields []int
	for i := range t.NumField() {
		if t.Field(i).IsExported() && holdsLists(t.Field(i).Type) {
			fields = append(fields, i)
		}
	}
	knownListFields.Store(t, fields)
	return fields
}
