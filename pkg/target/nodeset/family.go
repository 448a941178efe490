package nodeset

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// family is the names with the same affixes. It has no widths if it is one name without a number.
type family struct {
	affixes
	widths []sameWidth
}

// sameWidth is the numbers of a family with the same number of digits.
type sameWidth struct {
	digits  int
	padded  bool // at least one of them has leading zeros
	numbers []uint64
}

// group divides names into families, in the order of their first names.
func group(names []string) []family {
	type key struct {
		affixes
		numbered bool
	}
	larger := largerFamily(names)
	var families []family
	index := map[key]int{}
	var last key // neighbouring names often belong to the same family
	at := -1
	for _, name := range names {
		if name == "" {
			continue
		}
		now, digits := key{affixes: affixes{prefix: name}}, ""
		if Plain(name) {
			if start, end := larger(name); start < end {
				now, digits = key{affixes{name[:start], name[end:]}, true}, name[start:end]
			}
		}
		if at < 0 || now != last {
			known, ok := index[now]
			if !ok {
				known = len(families)
				index[now] = known
				families = append(families, family{affixes: now.affixes})
			}
			at, last = known, now
		}
		if now.numbered {
			families[at].add(digits)
		}
	}
	return families
}

func (f *family) add(digits string) {
	at := slices.IndexFunc(f.widths, func(w sameWidth) bool { return w.digits == len(digits) })
	if at < 0 {
		at = len(f.widths)
		f.widths = append(f.widths, sameWidth{digits: len(digits)})
	}
	w := &f.widths[at]
	w.numbers = append(w.numbers, parseDigits(digits))
	w.padded = w.padded || padded(digits)
}

// terms appends the family's terms, the one with the lowest number first: one for each padded width, and one for all other
// numbers. A term has at most [MaxNames] names.
func (f *family) terms(terms []term) []term {
	if f.widths == nil {
		return append(terms, term{affixes: f.affixes})
	}
	slices.SortFunc(f.widths, func(a, b sameWidth) int { return cmp.Compare(a.digits, b.digits) })
	first := len(terms)
	var unpadded []uint64
	for _, w := range f.widths {
		slices.Sort(w.numbers)
		w.numbers = slices.Compact(w.numbers)
		switch {
		case w.padded:
			terms = append(terms, term{f.affixes, w.numbers, w.digits})
		case unpadded == nil:
			unpadded = w.numbers
		default:
			unpadded = append(unpadded, w.numbers...)
		}
	}
	if unpadded != nil {
		terms = append(terms, term{affixes: f.affixes, numbers: unpadded})
	}
	slices.SortFunc(terms[first:], func(a, b term) int {
		return cmp.Or(cmp.Compare(a.numbers[0], b.numbers[0]), cmp.Compare(a.width, b.width))
	})
	for i := first; i < len(terms); i++ {
		if t := terms[i]; len(t.numbers) > MaxNames {
			terms[i].numbers = t.numbers[:MaxNames]
			terms = slices.Insert(terms, i+1, term{t.affixes, t.numbers[MaxNames:], t.width})
		}
	}
	return terms
}

// largerFamily returns a function that chooses the number of a name that has the largest family, and the last of several such
// numbers. The number is name[start:end]; it is empty if the name has none.
func largerFamily(names []string) func(name string) (start, end int) {
	seed := maphash.MakeSeed()
	hash := func(name string, start, end int) uint64 {
		return maphash.Comparable(seed, affixes{name[:start], name[end:]})
	}
	sizes := map[uint64]int32{} // by the hash of the affixes; a collision can only make the choice worse
	for _, name := range names {
		start, end := nextNumber(name, 0)
		if next, _ := nextNumber(name, end); next == len(name) {
			continue // a single number leaves no choice
		}
		for start < len(name) {
			sizes[hash(name, start, end)]++
			start, end = nextNumber(name, end)
		}
	}
	return func(name string) (int, int) {
		start, end := nextNumber(name, 0)
		next, nextEnd := nextNumber(name, end)
		if next == len(name) {
			return start, end
		}
		size := sizes[hash(name, start, end)]
		for next < len(name) {
			if other := sizes[hash(name, next, nextEnd)]; other >= size {
				start, end, size = next, nextEnd, other
			}
			next, nextEnd = nextNumber(name, nextEnd)
		}
		return start, end
	}
}

// nextNumber returns the first number at or after an offset. If there is none, it returns the end of the name twice.
func nextNumber(name string, from int) (start, end int) {
	for start = from; start < len(name); start = end {
		for start < len(name) && !isDigit(name[start]) {
			start++
		}
		for end = start; end < len(name) && isDigit(name[end]); {
			end++
		}
		if start < end && end-start <= maxDigits {
			return start, end
		}
	}
	return len(name), len(name)
}
