package assist

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// List is a list in a response. The service sends [] and never null for an empty list; see [FillLists].
type List[T any] []T

// maxList limits the elements of a list in a response, because an element of a few bytes can take a thousand bytes in memory. The
// largest documented list is a page of 100; the limit leaves room for raised quotas.
const maxList = 2000

// growth is the factor by which the capacity of a list grows. Most lists have one element, or dozens of large ones.
const growth = 4

func (l *List[T]) fill() {
	if *l == nil {
		*l = List[T]{}
	}
}

// UnmarshalJSONFrom decodes a list of at most maxList elements. An element must not be null.
func (l *List[T]) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	switch kind := from.PeekKind(); kind {
	case jsontext.KindNull:
		*l = nil
		return from.SkipValue()
	case jsontext.KindBeginArray, jsontext.KindInvalid:
		if _, err := from.ReadToken(); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%s where a list is expected", kindName(kind))
	}
	list := (*l)[:0]
	for {
		switch from.PeekKind() {
		case jsontext.KindEndArray:
			if list == nil {
				list = List[T]{}
			}
			*l = list
			_, err := from.ReadToken()
			return err
		case jsontext.KindNull:
			return fmt.Errorf("null where an element of a list is expected")
		}
		if len(list) == maxList {
			return fmt.Errorf("a list of more than %d elements", maxList)
		}
		if len(list) == cap(list) {
			list = append(make(List[T], 0, min(max(1, growth*len(list)), maxList)), list...)
		}
		var none T
		list = append(list, none)
		if err := json.UnmarshalDecode(from, &list[len(list)-1]); err != nil {
			return err
		}
	}
}
