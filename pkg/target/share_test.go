package target

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseShares(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "1,10%,50%": "1 10% 50%", "5 , 100%": "5 100%", "50%,50%": "50% 50%", "33.3%,33.3%": "33.3% 33.3%", "60%,60%": "60% 60%",
	} {
		shares, err := ParseShares(text)
		got := ""
		for i, share := range shares {
			if i > 0 {
				got += " "
			}
			got += share.String()
		}
		if err != nil || got != want {
			t.Errorf("ParseShares(%q) = %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", ",", "1,", ",1", "1,,2", "0", "0%", "1,0%", "101%", "x", "1x", "1 2", "10%%", "-1", "+1", "+1%", "1e1%", "0x10%", "Inf%", "%", "1.5",
		"100%,10%", "100%,1", "50%,50%,1", "99.9%,0.1%,5", "1,100%,1%",
	} {
		if shares, err := ParseShares(text); err == nil {
			t.Errorf("ParseShares(%q) = %v", text, shares)
		}
	}
}

func TestShareOf(t *testing.T) {
	for text, want := range map[string]int{"0.55%": 110, "0.57%": 114, "33.3%": 6660, "0.0000001%": 1, "0.001%": 1, "0.006%": 2, "100%": 20_000, "30000": 20_000} {
		share, err := ParseShare(text)
		if got := share.Of(20_000); err != nil || got != want {
			t.Errorf("%s of 20,000 = %d, %v; want %d", text, got, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(0, 1_000_000).Draw(t, "total")
		hundredths := rapid.IntRange(1, 10_000).Draw(t, "hundredths of a percent")
		got := Share{Percent: float64(hundredths) / 100}.Of(total)
		if want := (total*hundredths + 9999) / 10_000; got != want {
			t.Fatalf("%d, want %d", got, want)
		}
	})
}
