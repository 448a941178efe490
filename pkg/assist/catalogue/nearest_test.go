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

func TestNearestOfAPart(t *testing.T) {
	got := Nearest("oss", 10)
	if len(got) == 0 || slices.ContainsFunc(got, func(code string) bool { return !strings.Contains(code, "Oss") }) {
		t.Errorf("%v", got)
	}
}

func TestNearestIsNotFar(t *testing.T) {
	for _, code := range []string{"", "x", "qwertyuiop", "你好", strings.Repeat("InvalidInstance.NotFound", 1000)} {
		if got := Nearest(code, 3); len(got) > 0 {
			t.Errorf("%.20q: %v", code, got)
		}
	}
	if got := Nearest("InvalidInstance.NotFound", 0); len(got) > 0 {
		t.Errorf("none were asked for: %v", got)
	}
	if got := Nearest("InvalidInstance.NotFound", -1); len(got) > 0 {
		t.Errorf("less than none were asked for: %v", got)
	}
	if got := Nearest("Invalid", 3); len(got) != 3 {
		t.Errorf("three were asked for: %v", got)
	}
}

// A suggestion is a code that can be explained, not one that stands for others.
func TestNearestCanBeFound(t *testing.T) {
	for _, code := range Nearest("Invalid", 1000) {
		if e, ok := Find(code, English); !ok || e.Code != code || strings.HasSuffix(code, "X") {
			t.Errorf("%s: %+v", code, e)
		}
	}
}
