package report

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

// colour is a colour in linear sRGB.
type colour [3]float64

func parseColour(text string) (colour, error) {
	var r, g, b uint8
	if len(text) == 4 {
		text = "#" + strings.Repeat(text[1:2], 2) + strings.Repeat(text[2:3], 2) + strings.Repeat(text[3:], 2)
	}
	if _, err := fmt.Sscanf(text, "#%02x%02x%02x", &r, &g, &b); err != nil {
		return colour{}, fmt.Errorf("parse the colour %q: %w", text, err)
	}
	var c colour
	for i, part := range []uint8{r, g, b} {
		if c[i] = float64(part) / 255; c[i] <= 0.04045 {
			c[i] /= 12.92
		} else {
			c[i] = math.Pow((c[i]+0.055)/1.055, 2.4)
		}
	}
	return c, nil
}

func (c colour) luminance() float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast returns the contrast ratio of WCAG 2.
func contrast(a, b colour) float64 {
	light, dark := max(a.luminance(), b.luminance()), min(a.luminance(), b.luminance())
	return (light + 0.05) / (dark + 0.05)
}

// lab is the colour in CIELAB, in which distances are about those that an eye sees; the first part is the lightness.
func (c colour) lab() [3]float64 {
	f := func(t float64) float64 {
		if t > 0.008856 {
			return math.Cbrt(t)
		}
		return 7.787*t + 16.0/116
	}
	x, y, z := f((0.4124*c[0]+0.3576*c[1]+0.1805*c[2])/0.95047), f(c.luminance()), f((0.0193*c[0]+0.1192*c[1]+0.9505*c[2])/1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func difference(a, b colour) float64 {
	x, y := a.lab(), b.lab()
	return math.Sqrt((x[0]-y[0])*(x[0]-y[0]) + (x[1]-y[1])*(x[1]-y[1]) + (x[2]-y[2])*(x[2]-y[2]))
}

// eyes are kinds of colour vision: normal, and the lack of one kind of cones, as modelled by Machado, Oliveira and Fernandes
// (2009).
func eyes() map[string][3][3]float64 {
	return map[string][3][3]float64{
		"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
		"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
		"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
	}
}

func (c colour) seenBy(eye [3][3]float64) colour {
	var seen colour
	for i, row := range eye {
		seen[i] = min(1, max(0, row[0]*c[0]+row[1]*c[1]+row[2]*c[2]))
	}
	return seen
}

var definition = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]+);`)

// themes returns the colours that page.css defines, light and dark.
func themes(t *testing.T) map[string]map[string]colour {
	t.Helper()
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(pageCSS, -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of colours, want one for the light and one for the dark", len(blocks))
	}
	all := map[string]map[string]colour{}
	for i, name := range []string{"light", "dark"} {
		all[name] = map[string]colour{}
		for _, found := range definition.FindAllStringSubmatch(blocks[i][1], -1) {
			c, err := parseColour(found[2])
			if err != nil {
				t.Fatal(err)
			}
			all[name][found[1]] = c
		}
	}
	return all
}

// Each cause has a colour of its own, that is visible on the page and distinguishable from others with any colour vision.
// Success and failures differ in lightness, too.
func TestColours(t *testing.T) {
	const (
		graphics  = 3.0 // WCAG 1.4.11
		apart     = 7.0 // of any two causes
		farApart  = 20  // of success and a failure
		lightness = 8.0
	)
	for theme, colours := range themes(t) {
		for i, one := range appearances() {
			own, ok := colours[one.Class]
			if !ok {
				t.Fatalf("%s: %s has no colour", theme, one.Name)
			}
			for _, ground := range []string{"paper", "shade"} {
				if got := contrast(own, colours[ground]); got < graphics {
					t.Errorf("%s: the contrast of %s with the %s is %.1f", theme, one.Name, ground, got)
				}
			}
			for _, other := range appearances()[:i] {
				least := apart
				if other.Kind == kindSuccess && one.Kind == kindFailure {
					least = farApart
					if got := math.Abs(own.lab()[0] - colours[other.Class].lab()[0]); got < lightness {
						t.Errorf("%s: %s and %s differ in lightness by %.1f", theme, one.Name, other.Name, got)
					}
				}
				for name, eye := range eyes() {
					if got := difference(own.seenBy(eye), colours[other.Class].seenBy(eye)); got < least {
						t.Errorf("%s, %s: %s and %s differ by %.1f, want %.0f", theme, name, one.Name, other.Name, got, least)
					}
				}
			}
		}
		for _, ground := range []string{"paper", "shade"} {
			for _, text := range []string{"ink", "soft", "link"} {
				if got := contrast(colours[text], colours[ground]); got < 4.5 {
					t.Errorf("%s: the contrast of the text %s with the %s is %.1f", theme, text, ground, got)
				}
			}
		}
	}
}

// The colours of the page are defined in one place.
func TestColoursInOnePlace(t *testing.T) {
	rest := definition.ReplaceAllString(pageCSS, "")
	if found := regexp.MustCompile(`#[0-9a-f]{3,8}\b[;, )]|rgba?\(|hsla?\(`).FindString(rest); found != "" {
		t.Errorf("a colour that is not defined with the others: %s", found)
	}
	for _, one := range appearances() {
		if n := strings.Count(pageCSS, "var(--"+one.Class+")"); n != 1 && one.Class != "timeout" { // notes have the same colour
			t.Errorf("the colour of %s is used %d times, want once", one.Name, n)
		}
	}
}

// TestChromiumColours checks that everything that is drawn of a cause has the cause's colour.
func TestChromiumColours(t *testing.T) {
	browser(t)
	file := save(t, written(t, everyCause(), mostOutputs))
	for _, dark := range []bool{false, true} {
		page := open(t, file, window{width: 1280, height: 900, dark: dark})
		var colours []struct{ Where, Class, Colour, Want string }
		page.evaluate(`(() => {
			const causes = `+classList()+`;
			const want = {};
			const probe = document.createElement('i');
			document.body.append(probe);
			for (const cause of causes) {
				probe.style.color = 'var(--' + cause + ')';
				want[cause] = getComputedStyle(probe).color;
			}
			const list = [], add = (where, cause, colour) => list.push({ Where: where, Class: cause, Colour: colour, Want: want[cause] });
			for (const cause of causes) {
				for (const e of document.querySelectorAll('.' + cause + ' > b, .' + cause + ' > :not(pre) > b, .' + cause + ' > td > a > b')) add('mark', cause, getComputedStyle(e).color);
				for (const e of document.querySelectorAll('rect.' + cause + ', .' + cause + ' rect')) add('bar', cause, getComputedStyle(e).fill);
				for (const e of document.querySelectorAll('path.' + cause)) add('line', cause, getComputedStyle(e).stroke);
				for (const e of document.querySelectorAll('article.' + cause)) add('output', cause, getComputedStyle(e).borderLeftColor);
			}
			return list;
		})()`, &colours)
		seen := map[string]map[string]bool{}
		for _, one := range colours {
			if one.Colour != one.Want {
				t.Errorf("dark %t: a %s of %s has the colour %s, want %s", dark, one.Where, one.Class, one.Colour, one.Want)
			}
			if seen[one.Where] == nil {
				seen[one.Where] = map[string]bool{}
			}
			seen[one.Where][one.Class] = true
		}
		for _, where := range []string{"mark", "bar", "line", "output"} {
			if got, want := len(seen[where]), len(appearances())-1; got != want { // none is under way
				t.Errorf("%d causes have a %s, want %d", got, where, want)
			}
		}
	}
}

func classList() string {
	var classes []string
	for _, one := range appearances() {
		classes = append(classes, fmt.Sprintf("%q", one.Class))
	}
	return "[" + strings.Join(classes, ", ") + "]"
}
