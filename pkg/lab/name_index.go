package lab

import (
	"math/bits"
	"slices"
	"strings"
)

// nameIndex finds instances by how their names begin and end.
type nameIndex struct {
	names    []indexedName // sorted
	reversed []indexedName // the same names from their last byte to their first, sorted
}

type indexedName struct {
	text  string
	index int // of the instance
}

func newNameIndex(indexes []int, instances []*Instance) *nameIndex {
	x := &nameIndex{make([]indexedName, len(indexes)), make([]indexedName, len(indexes))}
	for n, index := range indexes {
		name := instances[index].InstanceName
		x.names[n], x.reversed[n] = indexedName{name, index}, indexedName{reversed(name), index}
	}
	byText := func(a, b indexedName) int { return strings.Compare(a.text, b.text) }
	slices.SortFunc(x.names, byText)
	slices.SortFunc(x.reversed, byText)
	return x
}

// find returns all names that may match a pattern with *: the fewer of those that begin as it does and those that end as it does.
func (x *nameIndex) find(pattern string) []indexedName {
	prefix, _, _ := strings.Cut(pattern, "*")
	beginning := beginWith(x.names, prefix)
	ending := beginWith(x.reversed, reversed(pattern[strings.LastIndex(pattern, "*")+1:]))
	if len(ending) < len(beginning) {
		return ending
	}
	return beginning
}

func beginWith(names []indexedName, prefix string) []indexedName {
	first, _ := slices.BinarySearchFunc(names, prefix, func(name indexedName, prefix string) int { return strings.Compare(name.text, prefix) })
	names = names[first:]
	end, _ := slices.BinarySearchFunc(names, prefix, func(name indexedName, prefix string) int {
		if strings.HasPrefix(name.text, prefix) {
			return -1
		}
		return 1
	})
	return names[:end]
}

// inOrder returns the indexes of the names' instances from first to before end, in ascending order. It marks them in a bitmap, which
// is faster than sorting where there are thousands.
func inOrder(names []indexedName, first, end int) []int {
	marks := make([]uint64, (max(end-first, 0)+63)/64)
	for _, name := range names {
		if n := name.index - first; n >= 0 {
			marks[n/64] |= 1 << (n % 64)
		}
	}
	indexes := make([]int, 0, len(names))
	for n, word := range marks {
		for ; word != 0; word &= word - 1 {
			indexes = append(indexes, first+n*64+bits.TrailingZeros64(word))
		}
	}
	return indexes
}

func reversed(text string) string {
	bytes := []byte(text)
	slices.Reverse(bytes)
	return string(bytes)
}
