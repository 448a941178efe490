package assist

import "iter"

// ahead has a sequence go on by one item while the one before it is being looked at. A sequence that is ended early has
// begun its next item all the same, and is waited for.
func ahead[T any](items iter.Seq2[T, error]) iter.Seq2[T, error] {
	type result struct {
		item T
		err  error
	}
	return func(yield func(T, error) bool) {
		results, enough := make(chan result), make(chan struct{})
		go func() {
			defer close(results)
			for item, err := range items {
				select {
				case results <- result{item, err}:
				case <-enough:
					return
				}
			}
		}()
		defer func() {
			close(enough)
			for range results {
			}
		}()
		for r := range results {
			if !yield(r.item, r.err) {
				return
			}
		}
	}
}
