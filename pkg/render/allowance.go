package render

// allowance shares the bytes that a document may have among its parts, in their order. A part may take its share of what is
// left, so that small parts leave more to those behind them.
type allowance struct{ left, parts int }

// next returns how many bytes the next part may take.
func (a *allowance) next() int { return max(0, a.left/max(1, a.parts)) }

// take counts a part that has been written.
func (a *allowance) take(size int) {
	a.left -= size
	a.parts--
}
