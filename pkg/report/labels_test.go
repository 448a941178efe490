package report

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/fleet"
)

// Labels of waves neither overlap nor leave the picture, and each wave is named by one of them.
func TestWaveMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(1, 2000)), 2, 60).Draw(t, "sizes")
		height := rapid.IntRange(leastHeight, mostHeight).Draw(t, "height")
		var targets []fleet.Target
		for wave, size := range sizes {
			for range size {
				targets = append(targets, fleet.Target{InstanceId: fmt.Sprint("i-", len(targets)), Wave: wave + 1})
			}
		}
		state := fleet.NewState()
		state.Apply(fleet.Event{Event: fleet.Planned, Targets: targets})
		r := &run{Source: Source{State: state}, drawn: make([]drawn, len(targets))}
		bottom, next := 0.0, 1
		for _, mark := range r.waveMarks(r.order(), height) {
			top := mark.Y * float64(height) / 100
			if top < bottom-1e-6 || top+labelHeight > float64(height)+1e-6 {
				t.Errorf("%q is at %.1f of %d pixels, and the one before ends at %.1f", mark.Label, top, height, bottom)
			}
			bottom = top + labelHeight
			var first, last int
			if _, err := fmt.Sscanf(mark.Label, "waves %d–%d", &first, &last); err != nil {
				if _, err := fmt.Sscanf(mark.Label, "wave %d", &first); err != nil {
					t.Fatalf("label %q: %v", mark.Label, err)
				}
				last = first
			}
			if first != next {
				t.Errorf("%q instead of wave %d", mark.Label, next)
			}
			next = last + 1
		}
		if next != len(sizes)+1 {
			t.Errorf("the last label ends with wave %d of %d", next-1, len(sizes))
		}
	})
}

func TestShortLabel(t *testing.T) {
	for label, want := range map[string]string{
		"web-001": "web-001", "a-name-of-22-columns-x": "a-name-of-22-columns-x",
		"staging-payments-frontend-0017": "…ayments-frontend-0017", "数据库服务器数据库服务器-0017": "…务器数据库服务器-0017",
	} {
		if got := (tick{Label: label}).Short(); got != want {
			t.Errorf("%s becomes %s, want %s", label, got, want)
		}
	}
}

// TestChromiumLabels measures the labels of the timeline and of the bars, in wide and narrow windows.
func TestChromiumLabels(t *testing.T) {
	browser(t)
	for name, story := range scenes() {
		file := save(t, written(t, story(), mostOutputs))
		page := open(t, file, window{width: 1280, height: 900})
		for _, width := range []int{1280, 500, 320} {
			page.resize(width, 900)
			page.evaluate("document.getElementById('whole').click()", nil)
			page.frames()
			for _, closer := range []bool{false, true} {
				if closer {
					page.evaluate("(() => { for (let i = 0; i < 2; i++) document.getElementById('closer').click(); })()", nil)
				}
				for _, problem := range page.texts(misplaced) {
					t.Errorf("%s, %d pixels wide, closer %t: %s", name, width, closer, problem)
				}
			}
			var wide bool
			page.evaluate("document.documentElement.scrollWidth > innerWidth", &wide)
			if wide {
				t.Errorf("%s: the page scrolls to the side in %d pixels", name, width)
			}
		}
	}
	thin := parse(t, written(t, scenes()["thin waves"](), mostOutputs))
	var labels []string
	for _, text := range all(withID(t, thin, "names"), "text") {
		labels = append(labels, textOf(text))
	}
	if got, want := strings.Join(labels, "; "), "waves 1–3waves 1–3: 1002 instances; waves 4–6waves 4–6: 1004 instances; waves 7–8waves 7–8: 2 instances"; got != want {
		t.Errorf("labels %q, want %q", got, want)
	}
}

// misplaced lists labels that overlap the previous one, or leave their box.
const misplaced = `[...document.querySelectorAll('#names, #axis, .ticks')].flatMap(of => {
	const problems = [], box = of.getBoundingClientRect(), texts = of.querySelectorAll('text');
	const across = of.id !== 'names';
	let last = null, n = 0;
	for (const text of texts) {
		if (getComputedStyle(text).display === 'none') continue;
		const own = text.getBoundingClientRect(), label = text.firstChild.textContent;
		if (last && (across ? own.left < last.right : own.top < last.bottom - 1.5)) problems.push(label + ' overlaps the one before');
		if (across ? own.left < box.left - 1 || own.right > box.right + 1 : own.top < box.top - 1.5 || own.bottom > box.bottom + 1.5) problems.push(label + ' leaves its box');
		last = own;
		n++;
	}
	if (across && n < 2 && texts.length > 1) problems.push((of.id || 'ticks') + ' has ' + n + ' label');
	return problems;
})`
