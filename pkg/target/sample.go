package target

import (
	"math/rand/v2"
	"slices"
)

// Take picks so many by chance, and keeps the order.
func (s Share) Take(all []Instance, random *rand.Rand) []Instance {
	chosen := random.Perm(len(all))[:s.Of(len(all))]
	slices.Sort(chosen)
	taken := make([]Instance, 0, len(chosen))
	for _, i := range chosen {
		taken = append(taken, all[i])
	}
	return taken
}
