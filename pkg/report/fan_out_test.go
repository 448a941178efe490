package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestFanOut(t *testing.T) {
	report, err := New(fannedOut(300, 20).source())
	if err != nil {
		t.Fatal(err)
	}
	f := report.page.FanOut
	if f == nil {
		t.Fatal("the page has no fan-out")
	}
	if diff := cmp.Diff(&fanOut{Limit: 20, Most: 20, Height: 20}, f, cmpopts.IgnoreFields(fanOut{}, "D", "Ticks")); diff != "" {
		t.Errorf("fan-out (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(f.D, "M0 20H0V") || !strings.HasSuffix(f.D, "Z") {
		t.Errorf("drawn as %.60s", f.D)
	}
	report, err = New(threeWaves().source())
	if err != nil || report.page.FanOut != nil {
		t.Errorf("err %v, a run without a fan-out has %+v", err, report.page.FanOut)
	}
}

func TestSteps(t *testing.T) {
	if got, want := steps([]int{0, 2, 2, 3}, 400, 4), "M0 4H0V4H100V2H300V1H400V4Z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
