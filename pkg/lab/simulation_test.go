//go:build unix

package lab

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"
)

func seeded(s Simulation, seed uint64) *Simulation {
	s.Seed = &seed
	return &s
}

func TestDrawsDependOnTheSeed(t *testing.T) {
	settings := Simulation{Duration: Distribution{Least: 0, Most: time.Hour}, Size: 1000}
	runs := []simulatedRun{{"i-1", 1, 1}, {"i-1", 1, 2}, {"i-1", 2, 1}, {"i-2", 1, 1}, {"i-1", 11, 1}}
	draws := func(s *Simulation) (lasts []time.Duration, outputs [][]byte) {
		for _, one := range runs {
			d, _ := s.draw(one)
			lasts, outputs = append(lasts, d), append(outputs, s.output(one, ""))
		}
		return lasts, outputs
	}
	first, outputs := draws(seeded(settings, 1))
	again, outputsAgain := draws(seeded(settings, 1))
	other, _ := draws(seeded(settings, 2))
	if !slices.Equal(first, again) || !slices.EqualFunc(outputs, outputsAgain, bytes.Equal) {
		t.Error("the same seed draws other values")
	}
	for i := range runs {
		if first[i] == other[i] || slices.Contains(first[:i], first[i]) {
			t.Errorf("%v takes as long as with another seed or in another run: %v, %v", runs[i], first, other)
		}
		if slices.ContainsFunc(outputs[:i], func(b []byte) bool { return bytes.Equal(b, outputs[i]) }) {
			t.Errorf("%v has the same output as another run", runs[i])
		}
	}
}

func TestDistributions(t *testing.T) {
	const n = 20_000
	sample := func(s *Simulation) (lasts []time.Duration, codes map[int]int) {
		codes = map[int]int{}
		for i := range n {
			d, code := s.draw(simulatedRun{nth(i), 1, 1})
			lasts = append(lasts, d)
			codes[code]++
		}
		slices.Sort(lasts)
		return lasts, codes
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.05*want {
			t.Errorf("%s: %g, want about %g", what, got, want)
		}
	}
	lasts, codes := sample(seeded(Simulation{
		Duration: Distribution{Median: 2 * time.Second, P99: 30 * time.Second}, Exit: []ExitShare{{0, 70}, {1, 20}, {137, 10}},
	}, 1))
	near("median", lasts[n/2].Seconds(), 2)
	if p99 := lasts[n*99/100].Seconds(); p99 < 25 || p99 > 36 {
		t.Errorf("99 of 100 last at most %gs", p99)
	}
	for code, percent := range map[int]float64{0: 70, 1: 20, 137: 10} {
		near("share", float64(codes[code])*100/n, percent)
	}
	lasts, codes = sample(seeded(Simulation{Duration: Distribution{Least: time.Second, Most: 5 * time.Second}}, 1))
	if lasts[0] < time.Second || lasts[n-1] > 5*time.Second || codes[0] != n {
		t.Errorf("from %v to %v, codes %v", lasts[0], lasts[n-1], codes)
	}
	near("quarter", lasts[n/4].Seconds(), 2)
	near("three quarters", lasts[n*3/4].Seconds(), 4)
}

func TestSimulatedOutput(t *testing.T) {
	for _, c := range []struct {
		size int
		text string
		want string
	}{
		{0, "", ""}, {0, "hi\n", "hi\n"}, {7, "hi\n", "hi\nhi\nh"}, {2, "hi\n", "hi"}, {1, "", "\n"},
	} {
		s := seeded(Simulation{Size: c.size}, 1)
		if got := s.output(simulatedRun{"i-1", 1, 1}, c.text); string(got) != c.want {
			t.Errorf("%d bytes of %q: %q, want %q", c.size, c.text, got, c.want)
		}
	}
	out := seeded(Simulation{Size: 24 << 10}, 1).output(simulatedRun{"i-1", 1, 1}, "")
	if len(out) != 24<<10 || bytes.Count(out, []byte("\n")) != 24<<10/64 || out[len(out)-1] != '\n' {
		t.Errorf("%d bytes, %d lines", len(out), bytes.Count(out, []byte("\n")))
	}
}
