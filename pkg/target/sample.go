package target

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Sample is how many of the instances to take: a number, or a share.
type Sample struct {
	Count   int
	Percent float64
}

// ParseSample reads N or N%.
func ParseSample(text string) (Sample, error) {
	bad := &SyntaxError{Text: text, Want: "a number of instances such as 5, or a share of them such as 10%"}
	if share, ok := strings.CutSuffix(text, "%"); ok {
		percent, err := strconv.ParseFloat(share, 64)
		if err != nil || !(percent > 0 && percent <= 100) {
			return Sample{}, bad
		}
		return Sample{Percent: percent}, nil
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 1 {
		return Sample{}, bad
	}
	return Sample{Count: count}, nil
}

// Of is how many of total the sample takes: a share is rounded up, so that it is never none of some.
func (s Sample) Of(total int) int {
	count := s.Count
	if s.Percent > 0 {
		count = int(float64(total) * s.Percent / 100)
		if float64(count) < float64(total)*s.Percent/100 {
			count++
		}
	}
	return min(count, total)
}

// Take picks by chance, and keeps the order.
func (s Sample) Take(all []Instance, random *rand.Rand) []Instance {
	chosen := random.Perm(len(all))[:s.Of(len(all))]
	slices.Sort(chosen)
	taken := make([]Instance, 0, len(chosen))
	for _, i := range chosen {
		taken = append(taken, all[i])
	}
	return taken
}
