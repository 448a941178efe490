package nodeset

// Fold writes names as one line of folded sets, each name once: web-001, web-002 and web-004 become web-[001-002,004].
//
// It folds only one number of a name, because not every reader supports several brackets: the number with the largest family,
// which is the names that differ only in this number; of several such numbers the last. Families are written in the order of
// their first names. Numbers with leading zeros share a bracket only with numbers of the same width.
//
// A name that is not [Plain] is written by itself, with a backslash before each special character, which only [Split] and
// [Parse] read. Empty names are left out. nodeset and pdsh read everything else, up to pdsh's limit of 16,384 numbers per
// range.
func Fold(names []string) string {
	return string(appendTerms(nil, fold(names)))
}

// term is the names that differ in one number, or one name without a number.
type term struct {
	affixes
	numbers []uint64 // ascending
	width   int      // of numbers with leading zeros; otherwise 0
}

// affixes are the text before and after a number.
type affixes struct{ prefix, suffix string }

// fold returns the terms that stand for the names.
func fold(names []string) []term {
	families := group(names)
	terms := make([]term, 0, len(families))
	for _, f := range families {
		terms = f.terms(terms)
	}
	return terms
}

func appendTerms(b []byte, terms []term) []byte {
	for i, t := range terms {
		if i > 0 {
			b = append(b, ',')
		}
		b = t.append(b)
	}
	return b
}

// append appends the term.
func (t term) append(b []byte) []byte {
	switch len(t.numbers) {
	case 0:
		return append(b, escape(t.prefix)...)
	case 1:
		return append(appendNumber(append(b, t.prefix...), t.numbers[0], t.width), t.suffix...)
	}
	b = append(append(b, t.prefix...), '[')
	b = append(t.appendRuns(b, t.numbers), ']')
	return append(b, t.suffix...)
}

// appendRuns appends numbers, with consecutive ones as a range.
func (t term) appendRuns(b []byte, numbers []uint64) []byte {
	for i := 0; i < len(numbers); {
		if i > 0 {
			b = append(b, ',')
		}
		n := runLength(numbers[i:])
		b = appendNumber(b, numbers[i], t.width)
		if n > 1 {
			b = appendNumber(append(b, '-'), numbers[i+n-1], t.width)
		}
		i += n
	}
	return b
}

// runLength returns how many numbers at the start of a list are consecutive.
func runLength(numbers []uint64) int {
	n := 1
	for n < len(numbers) && numbers[n] == numbers[n-1]+1 {
		n++
	}
	return n
}
