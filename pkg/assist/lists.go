package assist

import "reflect"

// FillLists puts an empty List in the place of each that is nil, in what response points to and in all that is inside it.
// A List could write itself as [] instead, but encoding/json then goes over everything in it once more at each level.
func FillLists(response any) { filler{}.fill(reflect.ValueOf(response).Elem()) }

type list interface{ fill() }

// filler knows the fields of structs in which there are lists.
type filler map[reflect.Type][]int

func (f filler) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, i := range f.fields(v.Type()) {
			f.fill(v.Field(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			f.fill(v.Elem())
		}
	case reflect.Slice:
		if l, ok := v.Addr().Interface().(list); ok {
			l.fill()
		}
		if f.holds(v.Type().Elem()) {
			for i := range v.Len() {
				f.fill(v.Index(i))
			}
		}
	}
}

func (f filler) holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		return len(f.fields(t)) > 0
	case reflect.Pointer:
		return f.holds(t.Elem())
	case reflect.Slice:
		return reflect.PointerTo(t).Implements(reflect.TypeFor[list]()) || f.holds(t.Elem())
	}
	return false
}

func (f filler) fields(t reflect.Type) []int {
	fields, known := f[t]
	if !known {
		for i := range t.NumField() {
			if t.Field(i).IsExported() && f.holds(t.Field(i).Type) {
				fields = append(fields, i)
			}
		}
		f[t] = fields
	}
	return fields
}
