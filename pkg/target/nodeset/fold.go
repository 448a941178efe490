package nodeset

// Fold writes names as one line of folded sets, each name once: web-001, web-002 and web-004 become web-[001-002,004].
//
// Only one number of a name is folded, because not every reader takes several brackets: the one that most of the names
// differ in, and the last of several such ones. Names that have the rest in common follow the first of them. Numbers with
// leading zeros share a bracket only with numbers of the same width.
//
// A name that is not [Plain] is written by itself, with a backslash before each special character; an empty one is left
// out. Everything else can be given to nodeset and to pdsh, whose ranges have at most 16,384 numbers.
func Fold(names []string) string {
	return string(appendTerms(nil, fold(names)))
}

// term is the names that differ in one number, or one name without a number.
type term struct {
	affixes
	numbers []uint64 // ascending
	width   int      // with leading zeros; 0 without
}

// affixes are what stands before and behind a number.
type affixes struct{ prefix, suffix string }

// fold returns the terms that names are written as.
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

// append writes the term.
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

// appendRuns writes numbers, those that follow one another as a range.
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

// runLength returns how many numbers at the start of a list follow one another.
func runLength(numbers []uint64) int {
	n := 1
	for n < len(numbers) && numbers[n] == numbers[n-1]+1 {
		n++
	}
	return n
}
