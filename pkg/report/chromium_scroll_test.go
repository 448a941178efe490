package report

import (
	"slices"
	"strings"
	"testing"
)

// scrollers lists the areas of the page that may scroll: what each is, whether it overflows, its tabindex, its role and its
// name.
const scrollers = `[...document.querySelectorAll('body *')].filter(e => {
	const style = getComputedStyle(e);
	return [style.overflowX, style.overflowY].some(o => o === 'auto' || o === 'scroll');
}).map(e => ({
	What: e.tagName + ' ' + (e.getAttribute('aria-label') || document.getElementById(e.getAttribute('aria-labelledby'))?.textContent || ''),
	Named: !!(e.getAttribute('aria-label') || document.getElementById(e.getAttribute('aria-labelledby'))?.textContent),
	Overflows: e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight,
	TabIndex: e.getAttribute('tabindex') || '', Role: e.getAttribute('role') || '',
}))`

type scroller struct {
	What             string
	Named, Overflows bool
	TabIndex, Role   string
}

// An area that scrolls is a named region that the Tab key reaches, and an area that does not scroll is not reached.
func TestChromiumScrollAreas(t *testing.T) {
	browser(t)
	for name, story := range map[string]*story{"long outputs": scenes()["forty single"](), "three waves": threeWaves()} {
		file := save(t, written(t, story, mostOutputs))
		page := open(t, file, window{width: 1280, height: 900})
		for _, width := range []int{1280, 360, 4000} {
			page.resize(width, 900)
			page.frames()
			var all []scroller
			page.evaluate(scrollers, &all)
			overflowing := 0
			for _, one := range all {
				if one.Overflows {
					overflowing++
				}
				if one.Overflows != (one.TabIndex == "0") || one.Overflows && (one.Role != "region" || !one.Named) {
					t.Errorf("%s, %d pixels wide: %+v", name, width, one)
				}
			}
			if overflowing == 0 && width < 1000 {
				t.Errorf("%s, %d pixels wide: none of %d areas overflows: this test checks nothing", name, width, len(all))
			}
		}
	}
}

// The Tab key reaches all of the page and leaves it again. Whatever has the focus shows it, and is not covered by the search
// field; areas that scroll respond to the arrow keys.
func TestChromiumKeyboard(t *testing.T) {
	browser(t)
	long := scene{waves: slices.Repeat([]int{1}, 10), failed: 7, long: true}
	page := open(t, save(t, written(t, long.story(), mostOutputs)), window{width: 360, height: 700})
	page.frames()
	var seen []string
	scrolled := map[string]bool{}
	const most = 200
	for range most {
		page.press("Tab", 9)
		page.frames()
		var now struct {
			What                       string
			Region, Ring, Hidden, Down bool
		}
		page.evaluate(`(() => {
			const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
			const bar = document.getElementById('search').getBoundingClientRect();
			return {
				What: e === document.body ? '' : e.tagName + ' ' + (e.id || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.getAttribute('href')),
				Region: e.getAttribute('role') === 'region', Down: e.scrollHeight > e.clientHeight, Ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
				Hidden: !e.closest('#search') && bar.top <= 0 && box.bottom < bar.bottom + 4,
			};
		})()`, &now)
		if now.What == "" {
			break
		}
		if slices.Contains(seen, now.What) && now.Region {
			break // around once
		}
		seen = append(seen, now.What)
		if !now.Ring {
			t.Errorf("%s does not show that it has the focus", now.What)
		}
		if now.Hidden {
			t.Errorf("%s has the focus but is covered by the search field", now.What)
		}
		if now.Region && len(scrolled) < 6 {
			if now.Down {
				page.press("ArrowDown", 40)
			} else {
				page.press("ArrowRight", 39)
			}
			var moved bool
			page.evaluate(`new Promise(done => { const e = document.activeElement, look = n => e.scrollTop + e.scrollLeft > 0 || !n ? done(e.scrollTop + e.scrollLeft > 0) : requestAnimationFrame(() => look(n - 1)); look(60); })`, &moved)
			scrolled[now.What] = moved
		}
	}
	for what, moved := range scrolled {
		if !moved {
			t.Errorf("%s does not scroll by the arrow keys", what)
		}
	}
	if len(scrolled) == 0 || len(seen) == most {
		t.Errorf("%d stops, %d of them were scrolled", len(seen), len(scrolled))
	}
	outputs := 0
	for _, what := range seen {
		if strings.HasPrefix(what, "PRE ") {
			outputs++
		}
	}
	if outputs != 10 {
		t.Errorf("the Tab key reached %d of 10 outputs that scroll: %q", outputs, seen)
	}
}

// TestChromiumLongTable checks that rows that are laid out in chunks are still a table, on the screen and on paper, and are not
// cut off in a narrow window.
func TestChromiumLongTable(t *testing.T) {
	browser(t)
	page := open(t, save(t, written(t, scene{waves: []int{600}, failed: 33}.story(), mostOutputs)), window{width: 360, height: 700})
	page.evaluate("document.querySelectorAll('#rows tr')[300].scrollIntoView()", nil)
	page.frames()
	var evaluated struct{ Result struct{ ObjectID string } }
	for expression, want := range map[string][]string{
		"document.getElementById('rows')":             {"table"},
		"document.querySelectorAll('#rows tr')[300]":  {"row"},
		"document.querySelectorAll('#rows th')[1]":    {"columnheader"},
		"document.querySelectorAll('#rows td')[3000]": {"cell", "gridcell"},
	} {
		page.call("Runtime.evaluate", map[string]any{"expression": expression}, &evaluated)
		var tree struct {
			Nodes []struct{ Role struct{ Value string } }
		}
		page.call("Accessibility.getPartialAXTree", map[string]any{"objectId": evaluated.Result.ObjectID, "fetchRelatives": false}, &tree)
		if len(tree.Nodes) == 0 || !slices.Contains(want, tree.Nodes[0].Role.Value) {
			t.Errorf("%s has the role %+v, want %s", expression, tree.Nodes, want)
		}
	}
	var cut []string
	page.evaluate(`[...document.querySelectorAll('#rows tbody')].filter(body => body.scrollWidth > body.clientWidth).map(body => body.rows[0].textContent)`, &cut)
	if len(cut) > 0 {
		t.Errorf("columns are cut off: %q", cut)
	}
	var lefts [][]float64
	page.evaluate(`[0, 300].map(i => [...document.querySelectorAll('#rows tr')[i].cells].map(cell => cell.getBoundingClientRect().left))`, &lefts)
	if !slices.Equal(lefts[0], lefts[1]) {
		t.Errorf("the columns are not aligned with their heads: %v", lefts)
	}
	page.call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
	if got := page.texts(`['#rows thead', '#rows tbody', '#rows tr'].map(e => getComputedStyle(document.querySelector(e)).display)`); !slices.Equal(got, []string{"table-header-group", "table-row-group", "table-row"}) {
		t.Errorf("on paper the table is made of %q", got)
	}
}
