package target

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Share is a part of some instances: a number or a percentage of them.
type Share struct {
	Count   int     `json:",omitempty"`
	Percent float64 `json:",omitempty"`
}

// Rounding is larger than the error of computing with percentages, and smaller than any meaningful difference.
const Rounding = 1e-6

// ParseShare reads N or N%. Zero is invalid.
func ParseShare(text string) (Share, error) {
	bad := &SyntaxError{Text: text, Want: "a number of instances such as 5, or a share of them such as 10%"}
	if share, ok := strings.CutSuffix(text, "%"); ok {
		percent, err := strconv.ParseFloat(share, 64)
		if err != nil || strings.Trim(share, "0123456789.") != "" || !(percent > 0 && percent <= 100) {
			return Share{}, bad
		}
		return Share{Percent: percent}, nil
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 1 || text[0] == '+' {
		return Share{}, bad
	}
	return Share{Count: count}, nil
}

// ParseShares reads shares separated by commas, each of which applies to what the ones before it leave. A share that nothing
// can be left for, as in 100%,10%, is an error.
func ParseShares(text string) ([]Share, error) {
	var shares []Share
	taken := 0.0
	for part := range strings.SplitSeq(text, ",") {
		share, err := ParseShare(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if taken > 100-Rounding {
			return nil, &SyntaxError{Text: text, Want: fmt.Sprintf("shares that add up: those before %s take all there is", share)}
		}
		taken += share.Percent
		shares = append(shares, share)
	}
	return shares, nil
}

// Of returns the number of instances, of a total, that the share stands for. A percentage is rounded up, so that it is at least
// one unless the total is zero.
func (s Share) Of(total int) int {
	count := s.Count
	if s.Percent > 0 {
		count = max(int(math.Ceil(float64(total)*s.Percent/100-Rounding)), 1)
	}
	return min(count, total)
}

// String returns the text that [ParseShare] reads.
func (s Share) String() string {
	if s.Percent > 0 {
		return strconv.FormatFloat(s.Percent, 'f', -1, 64) + "%"
	}
	return strconv.Itoa(s.Count)
}
