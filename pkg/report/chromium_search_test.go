package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// searches are typed one after the other; each is the field's whole text, and finds another number of instances than the one
// before.
func searches() []string {
	return []string{
		"shard 77", "shard 777 ", "", "no space left", "no space left web-0003", "", "release-3", "nothing has this", "",
		"DISK full?", "", "web-09", "srv", "srv release-16", "",
	}
}

// typeSearch types a text like a user, and waits until the page has been painted with its result of n instances. It returns how
// long that took in milliseconds, by the page's clock, or what was found if it is something else.
const typeSearch = `(text, want) => new Promise((done, failed) => {
	const q = document.getElementById('q'), found = document.getElementById('found'), began = performance.now();
	q.value = text;
	q.dispatchEvent(new InputEvent('input', { bubbles: true }));
	const painted = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
	const look = () => {
		if (found.textContent.startsWith(want + ' ')) painted();
		else if (performance.now() - began > 30000) failed(new Error('found ' + found.textContent));
		else requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
})`

// shownRows lists the instances of the visible rows: those that are not hidden, nor in a hidden chunk.
const shownRows = `[...document.querySelectorAll('#rows tbody tr')].filter(tr => !tr.closest('[hidden]')).map(tr => tr.cells[0].textContent)`

// shownOutputs lists the headings of the visible outputs.
const shownOutputs = `[...document.querySelectorAll('#groups article')].filter(one => !one.closest('[hidden]')).map(one => one.querySelector('.names').textContent)`

// matching returns the instances of a scene whose names or outputs have all words of a search.
func (c scene) matching(search string) (ids []string) {
	all := 0
	for _, n := range c.waves {
		all += n
	}
	for number := range all {
		number++
		id := fmt.Sprintf("i-%05d", number)
		output := c.output(number, all)
		if c.failed > 0 && number%c.failed == 0 {
			output += noSpace
		}
		text := strings.ToLower(id + "\n" + fmt.Sprintf("web-%05d", number) + "\n" + output)
		if !slices.ContainsFunc(strings.Fields(strings.ToLower(search)), func(word string) bool { return !strings.Contains(text, word) }) {
			ids = append(ids, id)
		}
	}
	return ids
}

// thousands formats a number like the page.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// A search shows the rows and the outputs that have all of its words, and no others, in whatever order searches are made.
func TestChromiumSearch(t *testing.T) {
	browser(t)
	run := scene{waves: []int{30, 470, 700}, failed: 33}
	page := open(t, save(t, written(t, run.story(), mostOutputs)), window{width: 1280, height: 900})
	for _, search := range append(searches(), "shard", "i-0", "web-0002 success", "") {
		want := run.matching(strings.TrimSuffix(search, " success"))
		page.evaluate(fmt.Sprintf("(%s)(%q, %q)", typeSearch, search, thousands(len(want))), nil)
		if got := page.texts(shownRows); !slices.Equal(got, want) {
			t.Errorf("%q shows %d rows, want %d", search, len(got), len(want))
		}
		var names []string
		for _, id := range want {
			names = append(names, strings.Replace(id, "i-", "web-", 1))
		}
		got := page.texts(shownOutputs)
		slices.Sort(got)
		if !slices.Equal(got, names) {
			t.Errorf("%q shows %d outputs, want %d", search, len(got), len(names))
		}
		if len(want) == 0 {
			continue
		}
		// Results are on the screen when they are scrolled to, whichever chunk they are in.
		page.evaluate("document.getElementById('outputs').scrollIntoView()", nil)
		page.frames()
		var seen bool
		page.evaluate(`(() => {
			const first = [...document.querySelectorAll('#groups article')].find(one => !one.closest('[hidden]'));
			return first.querySelector('pre').checkVisibility({ contentVisibilityAuto: true }) && first.getBoundingClientRect().top < innerHeight;
		})()`, &seen)
		if !seen {
			t.Errorf("%q: the first output is not on the screen", search)
		}
	}
}

// A key that removes a filter does not lose the focus together with the button, and the chosen cause is marked as the current
// one.
func TestChromiumFilters(t *testing.T) {
	browser(t)
	page := open(t, save(t, written(t, threeWaves(), mostOutputs)), window{width: 1280, height: 900})
	page.evaluate(`document.querySelector('.counts .exit').click()`, nil)
	if got := page.texts(`[...document.querySelectorAll('.counts [aria-current=true]')].map(a => a.textContent)`); !slices.Equal(got, []string{"✗ 1 exit"}) {
		t.Errorf("current is %q", got)
	}
	page.evaluate(`document.querySelector('#chosen button').focus()`, nil)
	page.press("Tab", 9)
	page.evaluate(`document.querySelector('#chosen button').click()`, nil)
	if got := page.texts(`[document.activeElement.id, document.getElementById('found').textContent]`); !slices.Equal(got, []string{"q", "12 instances, 4 outputs"}) {
		t.Errorf("the focus and the result: %q", got)
	}
}

// Without scripts, everything is on the page except what needs them.
func TestChromiumWithoutScripts(t *testing.T) {
	browser(t)
	page := open(t, save(t, written(t, scene{waves: []int{300, 300}, failed: 33}.story(), mostOutputs)), window{width: 1280, height: 900, noScripts: true})
	for expression, want := range map[string]bool{
		"getComputedStyle(document.getElementById('search')).display === 'none'":                     true,
		"getComputedStyle(document.getElementById('zoom')).display === 'none'":                       true,
		"document.querySelectorAll('#rows tbody tr').length === 600":                                 true,
		"document.querySelectorAll('#all path').length > 0":                                          true,
		"[...document.querySelectorAll('.wide, pre[role=region]')].every(one => one.tabIndex === 0)": true,
	} {
		var got bool
		page.evaluate(expression, &got)
		if got != want {
			t.Errorf("%s is %t", expression, got)
		}
	}
}

// BenchmarkSearch opens a report of 10,000 instances with different outputs, and types searches into its field, the first one
// as soon as the page is there. It reports how long they take from the input until the result has been painted: the first one,
// the median of all, and the longest; how long the page took to load; and how long the field then took to get the focus. Each
// is the median of the rounds.
func BenchmarkSearch(b *testing.B) {
	for _, size := range []struct {
		name  string
		lines int
	}{{"300 B each", 0}, {"1.5 KB each", 40}} {
		b.Run(size.name, func(b *testing.B) {
			run := tenThousand
			run.lines = size.lines
			benchmarkSearch(b, run)
		})
	}
}

func benchmarkSearch(b *testing.B, run scene) {
	file := save(b, written(b, run.story(), mostOutputs))
	want := map[string]int{}
	for _, search := range searches() {
		want[search] = len(run.matching(search))
	}
	took, loads, focuses := make([][]float64, len(searches())), []float64{}, []float64{}
	for b.Loop() {
		page := open(b, file, window{width: 1280, height: 900})
		var load, focus float64
		page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd", &load)
		page.evaluate("(() => { const began = performance.now(); document.getElementById('q').focus(); return performance.now() - began; })()", &focus)
		loads, focuses = append(loads, load), append(focuses, focus)
		for i, search := range searches() {
			var ms float64
			page.evaluate(fmt.Sprintf("(%s)(%q, %q)", typeSearch, search, thousands(want[search])), &ms)
			took[i] = append(took[i], ms)
		}
	}
	var medians []float64
	for i, search := range searches() {
		medians = append(medians, median(took[i]))
		b.Logf("%-24q %6d instances %6.0f ms", search, want[search], medians[i])
	}
	b.ReportMetric(medians[0], "first-ms")
	b.ReportMetric(slices.Max(medians), "longest-ms")
	b.ReportMetric(median(medians), "median-ms")
	b.ReportMetric(median(loads), "load-ms")
	b.ReportMetric(median(focuses), "focus-ms")
	b.ReportMetric(0, "ns/op")
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
