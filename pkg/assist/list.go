package assist

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// List is a list inside a response. The service never says null for one without elements: FillLists makes it [].
type List[T any] []T

// maxList bounds each list of an answer: the largest that the documents allow is a page of 100, and limits that an account
// can have raised are given room. An element of a few bytes can take a thousand in memory.
const maxList = 2000

// growth is by how many times the room of a list becomes larger. Most lists have one element or dozens of large ones.
const growth = 4

func (l *List[T]) fill() {
	if *l == nil {
		*l = List[T]{}
	}
}

// UnmarshalJSONFrom reads a list of at most maxList elements, none of which is null.
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
			return fmt.Errorf("null where a list has an element")
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
