package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// moments generates times from 1990 to 2089, half of them near a change of the zone's offset.
func moments(loc *time.Location) *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		first, last := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
		at := time.Unix(rapid.Int64Range(first.Unix(), last.Unix()).Draw(t, "unix"), rapid.Int64Range(0, 999999999).Draw(t, "nanoseconds")).In(loc)
		if _, change := at.ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, "near a change") {
			return change.Add(time.Duration(rapid.Int64Range(-4*3600, 4*3600).Draw(t, "seconds off")) * time.Second)
		}
		return at
	})
}

func TestNextIsFirstMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := models().Draw(t, "model")
		f, err := Parse(m.text)
		if err != nil {
			t.Fatal(err)
		}
		after := moments(m.location).Draw(t, "after")
		for range 3 {
			next := f.Next(after, time.UTC)
			until := after.Add(100 * day)
			if !next.IsZero() && next.Before(until) {
				until = next
			}
			want := m.next(after, until)
			if !want.IsZero() && !want.Equal(next) || want.IsZero() && next.Equal(until) {
				t.Fatalf("%q after %s: %s, want %s", m.text, after.In(m.location), next, want)
			}
			if next.IsZero() {
				return
			}
			if !next.After(after) || !m.matches(next) {
				t.Fatalf("%q after %s: %s", m.text, after.In(m.location), next)
			}
			after = next
		}
	})
}

func TestNextIsConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := models().Draw(t, "model")
		f, err := Parse(m.text)
		if err != nil {
			t.Fatal(err)
		}
		after := moments(m.location).Draw(t, "after")
		fires := f.Fires(after, time.UTC, 20)
		if len(fires) == 0 {
			return
		}
		if !fires[0].After(after) || !slices.IsSortedFunc(fires, time.Time.Compare) {
			t.Fatalf("%q after %s: %s", m.text, after, stamps(fires))
		}
		for i, fire := range fires {
			if again := f.Next(fire.Add(-1), time.UTC); !again.Equal(fire) {
				t.Fatalf("%q just before %s: %s", m.text, fire, again)
			}
			if i > 0 && fire.Equal(fires[i-1]) {
				t.Fatalf("%q fires at %s twice", m.text, fire)
			}
			if fire.Location().String() != m.location.String() {
				t.Fatalf("%q fires in %s", m.text, fire.Location())
			}
		}
	})
}

func TestCheckFindsSmallestGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := models().Draw(t, "model")
		f, err := Parse(m.text)
		if err != nil {
			t.Fatal(err)
		}
		timeout := time.Duration(rapid.Int64Range(0, 3*86400).Draw(t, "timeout")) * time.Second
		least := max(minGap, timeout)
		err = f.Check(timeout)
		if beyond, ok := errors.AsType[*LimitError](err); ok {
			least = beyond.Gap // there must be no smaller gap
		}
		c := f.rule.(*cron)
		fires := []time.Time{c.next(earliest(), time.UTC)}
		for len(fires) < 300 {
			fires = append(fires, c.next(fires[len(fires)-1], time.UTC))
		}
		for i := range len(fires) - 1 {
			if fires[i+1].IsZero() {
				return
			}
			if gap := fires[i+1].Sub(fires[i]); gap < least {
				t.Fatalf("%q with timeout %s: %v, but it fires at %s and %s", m.text, timeout, err, fires[i], fires[i+1])
			}
		}
	})
}

func TestWordsAreWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := models().Draw(t, "model")
		f, err := Parse(m.text)
		if err != nil {
			t.Fatal(err)
		}
		words := f.Words()
		if err := wellFormed(words); err != nil {
			t.Fatalf("%q: %q: %v", m.text, words, err)
		}
		if both := !m.anyMonthDay && !m.anyWeekday; strings.Contains(words, " or on ") != both {
			t.Fatalf("%q: %q", m.text, words)
		}
		if name, explicit := f.Location(); explicit && !strings.HasSuffix(words, " ("+name+")") {
			t.Fatalf("%q: %q", m.text, words)
		}
	})
}

func wellFormed(words string) error {
	switch {
	case words == "" || strings.TrimSpace(words) != words:
		return errors.New("empty or with blanks around it")
	case strings.Contains(words, "  ") || strings.Contains(words, " ,"):
		return errors.New("a word is missing")
	case strings.ContainsFunc(words, func(r rune) bool { return r < ' ' || r > '~' }):
		return errors.New("not only printable ASCII")
	}
	return nil
}

func TestRateNextIsOneIntervalLater(t *testing.T) {
	units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": day}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 10000).Draw(t, "n")
		unit := rapid.SampledFrom([]string{"s", "m", "h", "d"}).Draw(t, "unit")
		after := moments(time.UTC).Draw(t, "after")
		f, err := Parse(fmt.Sprintf("rate(%d%s)", n, unit))
		if err != nil {
			t.Fatal(err)
		}
		interval := time.Duration(n) * units[unit]
		if got := f.Next(after, time.UTC); got.Sub(after) != interval {
			t.Fatalf("%s after %s: %s", f, after, got)
		}
		if ok := interval >= minRate && interval <= maxRate; (f.Check(0) == nil) != ok {
			t.Fatalf("%s: %v", f, f.Check(0))
		}
	})
}

func TestAtFiresWhenTheClockShowsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zoneNames()[1:]).Draw(t, "zone")
		loc := mustLoadZone(zone)
		moment := moments(loc).Draw(t, "moment").In(loc).Truncate(time.Second)
		text := moment.Format(time.DateTime)
		f, err := Parse(fmt.Sprintf("at(%s %s)", text, zone))
		if err != nil {
			t.Fatal(err)
		}
		fires := f.Fires(moment.Add(-3*day), nil, 3)
		if len(fires) != 1 || fires[0].After(moment) || fires[0].Format(time.DateTime) != text {
			t.Fatalf("%s: %s", f, stamps(fires))
		}
		if err := wellFormed(f.Words()); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
	})
}

func TestAnyText(t *testing.T) {
	letters := rapid.RuneFrom([]rune("0123456789*?,-/#LWlw() :@smhdrateGMTUTCAsia/Shanghai\t\n中\u00a0"))
	texts := rapid.OneOf(rapid.String(), rapid.StringOf(letters), rapid.StringMatching(`([0-9*?,/#LW-]{1,5} ){5,8}[A-Z/a-z+:0-9]*`))
	rapid.Check(t, func(t *rapid.T) {
		checkParse(t, texts.Draw(t, "text"))
	})
}

// checkParse checks what Parse guarantees for any text.
func checkParse(t rapid.TB, text string) {
	f, err := Parse(text)
	if err == nil {
		if f.String() != text {
			t.Fatalf("%q: text %q", text, f)
		}
		if err := wellFormed(f.Words()); err != nil {
			t.Fatalf("%q: %q: %v", text, f.Words(), err)
		}
		if err := f.Check(time.Minute); err != nil && strings.ContainsAny(err.Error(), "\r\n") {
			t.Fatalf("%q: %q", text, err)
		}
		return
	}
	wrong, ok := errors.AsType[*SyntaxError](err)
	if f != nil || !ok || wrong.Text != text || wrong.Reason == "" {
		t.Fatalf("%q: %v, %v", text, f, err)
	}
	if wrong.Offset < 0 || wrong.Length < 0 || wrong.Offset+wrong.Length > len(text) {
		t.Fatalf("%q: points at %d+%d", text, wrong.Offset, wrong.Length)
	}
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return !strconv.IsPrint(r) }) {
		t.Fatalf("%q: %q", text, err)
	}
	line, carets, _ := strings.Cut(wrong.Pointer(), "\n")
	if strings.TrimLeft(carets, " ") == "" || strings.Trim(carets, " ^") != "" || len(carets) > len(line)+1 {
		t.Fatalf("%q:\n%s", text, wrong.Pointer())
	}
}
