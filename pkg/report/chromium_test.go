package report

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// browser returns a Chromium. Without one the test is skipped, except in CI.
func browser(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no chromium")
	}
	t.Skip("no chromium")
	return ""
}

// browse opens a page with a fragment, and returns the browser's output.
func browse(t *testing.T, file, fragment string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	args = append(flags(t), args...)
	address := url.URL{Scheme: "file", Path: file, Fragment: fragment}
	cmd := exec.CommandContext(ctx, browser(t), append(args, address.String())...)
	cmd.WaitDelay = 10 * time.Second
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, &complaints)
	}
	return out
}

// flags returns the flags of every Chromium.
func flags(t testing.TB) []string {
	return []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--user-data-dir=" + t.TempDir()}
}

// opened returns a page after its script has run without an error.
func opened(t *testing.T, file, fragment string) *html.Node {
	t.Helper()
	page := parse(t, string(browse(t, file, fragment, "--dump-dom")))
	root := all(page, "html")[0]
	for _, name := range []string{"data-error", "data-refused"} {
		if message, ok := attribute(root, name); ok {
			t.Errorf("#%s: %s: %s", fragment, name, message)
		}
	}
	if _, idle := attribute(withID(t, page, "search"), "hidden"); idle {
		t.Fatalf("#%s: the script did not run", fragment)
	}
	return page
}

func save(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// visible returns the instances in the table that are not hidden.
func visible(t *testing.T, page *html.Node) []string {
	var ids []string
	for _, row := range all(withID(t, page, "rows"), "tr")[1:] {
		if _, hidden := attribute(row, "hidden"); !hidden {
			ids = append(ids, textOf(row.FirstChild))
		}
	}
	return ids
}

func TestChromium(t *testing.T) {
	browser(t)
	file := save(t, written(t, threeWaves(), mostOutputs))
	for fragment, want := range map[string]struct {
		ids   []string
		found string
	}{
		"q=DISK web space":           {[]string{"i-004"}, "1 of 12 instances, 1 of 4 outputs"},
		"q=web-00&cause=undelivered": {[]string{"i-006"}, "1 of 12 instances, 1 of 4 outputs"},
		"took=4&wave=3":              {[]string{"i-011", "i-012"}, "2 of 12 instances, 2 of 4 outputs"},
		"q=<script>":                 {[]string{"i-006", "i-011"}, "2 of 12 instances, 2 of 4 outputs"},
	} {
		page := opened(t, file, fragment)
		if got := visible(t, page); !slices.Equal(got, want.ids) {
			t.Errorf("#%s shows %q, want %q", fragment, got, want.ids)
		}
		if got := textOf(withID(t, page, "found")); got != want.found {
			t.Errorf("#%s: %q, want %q", fragment, got, want.found)
		}
	}
	page := opened(t, file, "")
	if got := textOf(withID(t, page, "found")); got != "12 instances, 4 outputs" {
		t.Errorf("the whole run: %q", got)
	}
	if title := textOf(all(page, "title")[0]); title != "./deploy.sh – run-1" {
		t.Errorf("the title is %q", title)
	}
	if got := len(all(withID(t, page, "names"), "text")); got != 12 {
		t.Errorf("%d lines have names, want 12", got)
	}
}

// TestChromiumPicture checks that the lines of failures are visible, in a window and on paper.
func TestChromiumPicture(t *testing.T) {
	browser(t)
	file, dir := save(t, written(t, threeWaves(), mostOutputs)), t.TempDir()
	if keep := os.Getenv("MUSTER_TEST_PICTURES"); keep != "" { // for manual inspection
		dir = keep
	}
	picture, paper := filepath.Join(dir, "report.png"), filepath.Join(dir, "report.pdf")
	browse(t, file, "", "--window-size=1280,900", "--screenshot="+picture)
	opened, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	image, err := png.Decode(opened)
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	for y := range image.Bounds().Dy() {
		for x := range image.Bounds().Dx() {
			if r, g, b, _ := image.At(x, y).RGBA(); r>>8 == 0xc8 && g>>8 == 0x33 && b>>8 == 0x0a {
				bad++
			}
		}
	}
	if bad < 500 {
		t.Errorf("%d points have the colour of what failed", bad)
	}
	browse(t, file, "", "--no-pdf-header-footer", "--print-to-pdf="+paper)
	if text, err := os.ReadFile(paper); err != nil || !bytes.HasPrefix(text, []byte("%PDF")) {
		t.Errorf("on paper: %v", err)
	}
}

func TestChromiumTenThousand(t *testing.T) {
	browser(t)
	const n = 10_000
	targets := make([]fleet.Target, n)
	for i := range targets {
		targets[i] = fleet.Target{InstanceId: fmt.Sprintf("i-%05d", i), InstanceName: fmt.Sprintf("web-%05d", i), Wave: 1 + i*3/n}
	}
	s := newStory(targets...)
	number := 0
	for batch := range slices.Chunk(targets, 50) {
		invokeID := "t-" + batch[0].InstanceId
		var ids []string
		for _, target := range batch {
			ids = append(ids, target.InstanceId)
		}
		s.send(invokeID, ids...)
		for _, id := range ids {
			status, output := fleet.TargetStatus{InstanceId: id, InvocationStatus: assist.StatusSuccess}, "well "+id
			if number++; number%100 == 0 {
				status.InvocationStatus, status.ExitCode, output = assist.StatusFailed, 1, "no space left on disk"
			}
			s.end(invokeID, status, time.Duration(number%40)*time.Second, output)
		}
	}
	s.wait(time.Minute)
	s.tell(fleet.Event{Event: fleet.Settled})
	text := written(t, s, mostOutputs)
	t.Logf("%d bytes", len(text))
	// Zoom in, and point at a line.
	hands := `<script>
for (let i = 0; i < 5; i++) document.getElementById('closer').click();
document.getElementById('lines').dispatchEvent(new PointerEvent('pointermove', { clientY: document.getElementById('lines').getBoundingClientRect().top + 1 }));
</script></body>`
	text = strings.Replace(strings.Replace(text, "http-equiv=", "data-was=", 1), "</body>", hands, 1)
	page := opened(t, save(t, text), "q=disk")
	box, _ := attribute(withID(t, page, "view"), "viewBox")
	names := all(withID(t, page, "names"), "text")
	if len(names) != 41 || !strings.HasSuffix(box, " 41") {
		t.Errorf("zoomed in five times there are %d names, and the box is %s; want 41 lines", len(names), box)
	} else if tip := textOf(withID(t, page, "tip")); !strings.Contains(tip, " · "+textOf(all(names[0], "title")[0])+" · ") {
		t.Errorf("the line of %s is said to be %q", textOf(names[0]), tip)
	}
	if got := len(all(withID(t, page, "rows"), "tr")); got != n+1 {
		t.Errorf("%d rows, want %d and the head", got, n)
	}
	if got := textOf(withID(t, page, "found")); got != "100 of 10,000 instances, 1 of 9,901 outputs" {
		t.Errorf("#q=disk: %q", got)
	}
	lines := 0
	for _, path := range all(withID(t, page, "all"), "path") {
		if class, _ := attribute(path, "class"); class == "success" || class == "exit" {
			d, _ := attribute(path, "d")
			lines += strings.Count(d, "M")
		}
	}
	if lines != 41 {
		t.Errorf("%d lines in the timeline, want 41", lines)
	}
}

// TestChromiumPolicy puts into a page what escaping would have removed: the policy prevents all of it from loading or running.
// The same page without the policy shows that the test would detect it.
func TestChromiumPolicy(t *testing.T) {
	browser(t)
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	const owned = "owned"
	text := strings.Replace(written(t, threeWaves(), mostOutputs), "<main>", `<main><img src="`+server.URL+`/image"><link rel="stylesheet" href="`+
		server.URL+`/style"><script src="`+server.URL+`/script"></script><script>document.title="`+owned+`"; fetch("`+server.URL+`/fetch")</script>`, 1)
	title := func(text string) string {
		return textOf(all(parse(t, string(browse(t, save(t, text), "", "--dump-dom"))), "title")[0])
	}
	if got := title(text); got == owned || asked.Load() > 0 {
		t.Errorf("with its policy the title is %q, and %d requests were made", got, asked.Load())
	}
	if got := title(strings.Replace(text, "http-equiv=", "data-was=", 1)); got != owned || asked.Load() == 0 {
		t.Errorf("without a policy the title is %q, and %d requests were made: this test checks nothing", got, asked.Load())
	}
}
