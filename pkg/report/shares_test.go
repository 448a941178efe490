package report

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"muster/pkg/fleet"
)

// runOf returns a run with the given number of targets of each cause, in one wave.
func runOf(numbers map[fleet.Cause]int) *run {
	state := fleet.NewState()
	for _, cause := range fleet.Causes() {
		for range numbers[cause] {
			state.Targets = append(state.Targets, fleet.TargetState{Cause: cause, Wave: 1})
		}
	}
	return &run{Source: Source{State: state}}
}

// Three of a hundred take three hundredths of a bar's length.
func TestShares(t *testing.T) {
	for name, test := range map[string]struct {
		numbers map[fleet.Cause]int
		want    []count
	}{
		"3 %": {
			map[fleet.Cause]int{fleet.CauseSuccess: 9700, fleet.CauseExit: 300},
			[]count{{N: 9700, Width: 97}, {N: 300, X: 97, Width: 3}},
		},
		"one of 10,000": {
			map[fleet.Cause]int{fleet.CauseSuccess: 9999, fleet.CauseExit: 1},
			[]count{{N: 9999, Width: 99.99}, {N: 1, X: 99.99, Width: 0.01, Thin: true, Shift: -0.5}},
		},
		"several of few": {
			map[fleet.Cause]int{fleet.CauseSuccess: 9700, fleet.CauseExit: 10, fleet.CauseTimeout: 20, fleet.CauseUnsent: 270},
			[]count{{N: 9700, Width: 97}, {N: 10, X: 97, Width: 0.1, Thin: true, Shift: -0.5}, {N: 20, X: 97.1, Width: 0.2, Thin: true, Shift: 0.5}, {N: 270, X: 97.3, Width: 2.7}},
		},
		"at both ends": {
			map[fleet.Cause]int{fleet.CauseSuccess: 1, fleet.CauseExit: 1, fleet.CauseTimeout: 9996, fleet.CauseError: 1, fleet.CauseUnknown: 1},
			[]count{
				{N: 1, Width: 0.01, Thin: true, Shift: 0.5}, {N: 1, X: 0.01, Width: 0.01, Thin: true, Shift: 1.5}, {N: 9996, X: 0.02, Width: 99.96},
				{N: 1, X: 99.98, Width: 0.01, Thin: true, Shift: -1.5}, {N: 1, X: 99.99, Width: 0.01, Thin: true, Shift: -0.5},
			},
		},
	} {
		got, _ := runOf(test.numbers).countOf(func(int) bool { return true })
		options := cmp.Options{cmpopts.EquateApprox(0, 1e-9), cmpopts.IgnoreFields(count{}, "appearance")}
		if diff := cmp.Diff(test.want, got, options); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The parts of a bar of durations are in proportion, too, except those that would be less than a pixel.
func TestSharesOfABar(t *testing.T) {
	var b bar
	b.n = make([]int, len(appearances()))
	b.n[appearanceIndex(fleet.CauseSuccess)], b.n[appearanceIndex(fleet.CauseExit)], b.n[appearanceIndex(fleet.CauseTimeout)] = 9699, 300, 1
	b.place(0, 10, 10_000, appearances())
	for i, want := range []part{{N: 9699, High: 94.0803, Y: 5.9197}, {N: 300, High: 2.91, Y: 3.0097}, {N: 1, High: 0.625, Y: 2.3847}} {
		if got := b.Parts[i]; got.N != want.N || math.Abs(got.High-want.High) > 1e-9 || math.Abs(got.Y-want.Y) > 1e-9 {
			t.Errorf("part %d is %+v, want %+v", i, got, want)
		}
	}
}

// In a crowded timeline each block of lines has the same share of the picture as of the run, except for rows given to blocks
// that would have none.
func TestPick(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(20, 700).Draw(t, "rows")
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(1, 5000)), 1, 8).Draw(t, "sizes")
		var blocks []block
		lines := 0
		for i, size := range sizes {
			blocks = append(blocks, block{lines, lines + size, i%2 == 1})
			lines += size
		}
		picked := pick(blocks, rows)
		if want := min(rows, lines); len(picked) != want {
			t.Fatalf("%d rows, want %d", len(picked), want)
		}
		for _, b := range blocks {
			n := 0
			for _, line := range picked {
				if line >= b.from && line < b.to {
					n++
				}
			}
			want := float64(b.to-b.from) * float64(len(picked)) / float64(lines)
			if stolen := float64(len(blocks)); float64(n) > want+1 && n > 1 || float64(n) < want-stolen {
				t.Errorf("%v has %d of %d rows, want about %.1f", b, n, len(picked), want)
			}
			if n == 0 && b.to-b.from >= lines/len(picked)+1 {
				t.Errorf("%v has no row", b)
			}
		}
	})
	blocks := []block{{0, 9699, false}, {9699, 9999, true}, {9999, 10_000, false}}
	counts := make([]int, 3)
	for _, line := range pick(blocks, 640) {
		for i, b := range blocks {
			if line >= b.from && line < b.to {
				counts[i]++
			}
		}
	}
	if counts[1] < 18 || counts[1] > 20 || counts[2] != 1 {
		t.Errorf("rows of 640 for 9,699, 300 and 1 of 10,000 lines: %v, want about 620, 19 and 1", counts)
	}
}

// TestChromiumShares measures how 3 % and a single one of 10,000 are drawn.
func TestChromiumShares(t *testing.T) {
	browser(t)
	page := open(t, save(t, written(t, tenThousand.story(), mostOutputs)), window{width: 1280, height: 900})
	page.frames()
	var share, wave, heatMap, bar, timeline float64
	page.evaluate(`(() => { const part = document.querySelector('header .share .exit'); return part.getBBox().width / part.ownerSVGElement.clientWidth; })()`, &share)
	page.evaluate(`(() => { const part = document.querySelector('.waves .share .exit'); return part.getBBox().width / part.ownerSVGElement.clientWidth; })()`, &wave)
	page.evaluate(`(() => {
		const rows = [...document.querySelectorAll('.heat tbody tr')].map(tr => [...tr.cells].slice(1, -1));
		return Math.max(...rows[1].map((cell, i) => cell.querySelector('rect').getBBox().width / rows[0][i].querySelector('rect').getBBox().width));
	})()`, &heatMap)
	page.evaluate(`(() => { let n = 0, of = 0; for (const r of document.querySelectorAll('.bars rect')) { of += r.getBBox().height; if (r.classList.contains('exit')) n += r.getBBox().height; } return n / of; })()`, &bar)
	page.evaluate(`(() => {
		const lines = name => document.querySelector('#all .' + name).getAttribute('d').split('M').length - 1;
		return lines('exit') * document.getElementById('all').getAttribute('stroke-width') / document.getElementById('lines').clientHeight;
	})()`, &timeline)
	for name, got := range map[string]float64{"the bar of all": share, "the bar of a wave": wave, "the bars of results by duration": heatMap, "the bars of durations": bar, "the timeline": timeline} {
		if got < 0.027 || got > 0.034 {
			t.Errorf("%s: 3 %% have %.2f %% of the length", name, 100*got)
		}
	}
	page = open(t, save(t, written(t, scene{waves: []int{5000}, failed: 4999}.story(), mostOutputs)), window{width: 1280, height: 900})
	page.frames()
	var hairlines []float64
	page.evaluate(`[...document.querySelectorAll('.share line.exit')].map(line => { const box = line.getBoundingClientRect(), bar = line.ownerSVGElement.getBoundingClientRect(); return bar.right - (box.left + box.right) / 2; })`, &hairlines)
	if len(hairlines) != 2 {
		t.Fatalf("%d lines mark thin parts, want one in the bar of all and one in that of the wave", len(hairlines))
	}
	for _, right := range hairlines {
		if right < 0.4 || right > 1 {
			t.Errorf("the line of a single failure is %.1f pixels from the bar's end", right)
		}
	}
	if got := page.texts(`[...document.querySelectorAll('#all path')].map(path => path.getAttribute('class') + ' ' + (path.getAttribute('d').split('M').length - 1)).filter(text => text.startsWith('exit'))`); len(got) != 1 || got[0] != "exit 1" {
		t.Errorf("the timeline has %q of a single failure", got)
	}
}
