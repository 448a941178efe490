package lab

import (
	"math/bits"
	"slices"
	"strings"
)

// nameIndex finds instances by prefixes and suffixes of their names.
type nameIndex struct {
	names    []indexedName // sorted
	reversed []indexedName // the same names with their bytes in reverse order, sorted
}

type indexedName struct {
	text  string
	index int // of the instance in the inventory
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

// find returns all names that may match a pattern with *: those with its prefix or those with its suffix, whichever are fewer.
func (x *nameIndex) find(pattern string) []indexedName {
	prefix, _, _ := strings.Cut(pattern, "*")
	byPrefix := withPrefix(x.names, prefix)
	bySuffix := withPrefix(x.reversed, reversed(pattern[strings.LastIndex(pattern, "*")+1:]))
	if len(bySuffix) < len(byPrefix) {
		return bySuffix
	}
	return byPrefix
}

func withPrefix(names []indexedName, prefix string) []indexedName {
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

// sortedIndexes returns the indexes of the names that are at least first and less than end, in ascending order. It marks them
// in a bitmap, which is faster than sorting when there are thousands.
func sortedIndexes(names []indexedName, first, end int) []int {
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
