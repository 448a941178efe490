package catalogue

import (
	"slices"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	for code, want := range map[string]string{
		"InvalidInstnace.NotFound": "InvalidInstance.NotFound",
		"invalidinstance.notfund":  "InvalidInstance.NotFound",
		"ExitCodeNonZeros":         "ExitCodeNonzero",
		"MissingParamter.RegionId": "MissingParameter.RegionId",
		"SignatureDoesntMatch":     "SignatureDoesNotMatch",
		"Trottling.User":           "Throttling.User",
		"ExceedQuota":              "CmdCount.ExceedQuota",
		"deliverytimeout":          "DeliveryTimeout",
	} {
		if got := Nearest(code, 1); !slices.Equal(got, []string{want}) {
			t.Errorf("%q: %v, want %s", code, got, want)
		}
	}
}

func TestNearestContains(t *testing.T) {
	got := Nearest("oss", 10)
	if len(got) == 0 || slices.ContainsFunc(got, func(code string) bool { return !strings.Contains(code, "Oss") }) {
		t.Errorf("%v", got)
	}
}

func TestNearestIsSimilar(t *testing.T) {
	for _, code := range []string{"", "x", "qwertyuiop", "你好", strings.Repeat("InvalidInstance.NotFound", 1000)} {
		if got := Nearest(code, 3); len(got) > 0 {
			t.Errorf("%.20q: %v", code, got)
		}
	}
	if got := Nearest("InvalidInstance.NotFound", 0); len(got) > 0 {
		t.Errorf("at most none: %v", got)
	}
	if got := Nearest("InvalidInstance.NotFound", -1); len(got) > 0 {
		t.Errorf("at most -1: %v", got)
	}
	if got := Nearest("Invalid", 3); len(got) != 3 {
		t.Errorf("at most three: %v", got)
	}
}

// TestNearestCanBeFound tests that suggestions have entries and are not placeholders.
func TestNearestCanBeFound(t *testing.T) {
	for _, code := range Nearest("Invalid", 1000) {
		if e, ok := Find(code, English); !ok || e.Code != code || strings.HasSuffix(code, "X") {
			t.Errorf("%s: %+v", code, e)
		}
	}
}
