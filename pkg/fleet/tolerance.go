package fleet

import "muster/pkg/target"

// Tolerance is how many targets may end without success before nothing more is sent: a number, or a share of the targets
// of the waves so far. So many are within it; one more is not. Targets that were skipped count neither as targets nor as
// failures.
type Tolerance target.Share

// ParseTolerance reads N or N%, from 0 on.
func ParseTolerance(text string) (Tolerance, error) {
	if text == "0" || text == "0%" {
		return Tolerance{}, nil
	}
	share, err := target.ParseShare(text)
	return Tolerance(share), err
}

// exceededBy tells whether failures are more than tolerated among so many targets.
func (t Tolerance) exceededBy(failures, targets int) bool {
	if t.Percent > 0 {
		return float64(failures) > t.Percent*float64(targets)/100+target.Rounding
	}
	return failures > t.Count
}

// String is the text that ParseTolerance reads.
func (t Tolerance) String() string { return target.Share(t).String() }
