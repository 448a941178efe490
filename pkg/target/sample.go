package target

import (
	"math/rand/v2"
	"slices"
)

// Take picks so many by chance, and keeps the order.
func Take[T any](s Share, all []T, random *rand.Rand) []T {
	chosen := random.Perm(len(all))[:s.Of(len(all))]
	slices.Sort(chosen)
	taken := make([]T, 0, len(chosen))
	for _, i := range chosen {
		taken = append(taken, all[i])
	}
	return taken
}
