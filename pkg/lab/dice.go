package lab

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
)

// diceOf gives dice of their own to whatever the text names: the same seed and text have the same throws.
func diceOf(seed uint64, format string, args ...any) *rand.Rand {
	stream := fnv.New64a()
	_, _ = fmt.Fprintf(stream, format, args...)
	return rand.New(rand.NewPCG(seed, stream.Sum64()))
}
