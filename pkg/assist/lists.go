package assist

import (
	"reflect"
	"sync"
)

// FillLists puts an empty List in the place of each that is nil, in what response points to and in all that is inside it.
// A List could write itself as [] instead, but encoding/json then goes over everything in it once more at each level.
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

// knownListFields are those of structs that have been looked through: listFields by reflect.Type.
var knownListFields sync.Map

// listFields are the fields of a struct in which there are lists.
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
