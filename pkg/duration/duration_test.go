package duration_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/pkg/duration"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "10": 10 * time.Second, "10s": 10 * time.Second, "5m": 5 * time.Minute, "1d": 24 * time.Hour, "1h30m": 90 * time.Minute,
		"1d12h": 36 * time.Hour, "0.5": 500 * time.Millisecond, ".5s": 500 * time.Millisecond, "1.5d": 36 * time.Hour, "20ms": 20 * time.Millisecond,
		"3us": 3 * time.Microsecond, "3µs": 3 * time.Microsecond, "7ns": 7, "0.3s": 300 * time.Millisecond, "10m0s": 10 * time.Minute,
	} {
		if got, err := duration.Parse(text); got != want || err != nil {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"": duration.ErrSyntax, "soon": duration.ErrSyntax, "10 s": duration.ErrSyntax, "1.s": duration.ErrSyntax, ".": duration.ErrSyntax,
		"5M": duration.ErrSyntax, "1h30": duration.ErrSyntax, "s": duration.ErrSyntax, "1e3s": duration.ErrSyntax, "+5s": duration.ErrSyntax,
		"-": duration.ErrSyntax, "--5s": duration.ErrSyntax, "-5s": duration.ErrNegative, "-5": duration.ErrNegative, "-soon": duration.ErrSyntax,
		"1000000d": duration.ErrTooLong, "99999999999999999999": duration.ErrTooLong,
	} {
		if got, err := duration.Parse(text); !errors.Is(err, want) {
			t.Errorf("%q: %s, %v; want %v", text, got, err, want)
		}
	}
}

func TestFormat(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second: "1s", 10 * time.Minute: "10m", 90 * time.Minute: "1h30m", 24 * time.Hour: "1d", 36*time.Hour + 5*time.Second: "1d12h5s",
		1500 * time.Millisecond: "1.5s", 20 * time.Millisecond: "20ms", 100 * 24 * time.Hour: "100d",
	} {
		if got := duration.Format(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

func TestParseFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Min(0).Draw(t, "d"))
		if got, err := duration.Parse(duration.Format(d)); got != d || err != nil {
			t.Errorf("%s: %s, %v", duration.Format(d), got, err)
		}
	})
}

// FuzzParse compares Parse with package time, which accepts most of the same texts.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"10", "1h30m", "1d", ".5s", "-5s", "1.7ms", "99999h", "1µs"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := duration.Parse(text)
		if got < 0 {
			t.Errorf("%q: %s", text, got)
		}
		if want, theirs := time.ParseDuration(text); err == nil && theirs == nil && got-want > 1000 && want-got > 1000 {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		if err == nil {
			if again, err := duration.Parse(duration.Format(got)); again != got || err != nil {
				t.Errorf("%q: %s, then %s, %v", text, got, again, err)
			}
		}
	})
}
