package lab

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"muster/pkg/assist"
)

// TestAnswerText has answers be what json.Marshal makes of them, with [] for lists that are nil, and with <, > and & as they
// are.
func TestAnswerText(t *testing.T) {
	response := new(assist.DescribeInvocationsResponse)
	response.Invocations.Invocation = []assist.Invocation{{InvokeId: "t-<1>&2"}}
	w := httptest.NewRecorder()
	answer{requestID: "r", action: "DescribeInvocations", response: response}.write(w, nil)
	want := new(assist.DescribeInvocationsResponse)
	want.RequestId = "r"
	want.Invocations.Invocation = []assist.Invocation{{InvokeId: "t-ID"}}
	want.Invocations.Invocation[0].Tags.Tag = assist.List[assist.TagPair]{}
	want.Invocations.Invocation[0].InvokeInstances.InvokeInstance = assist.List[assist.InvokeInstance]{}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Body.String(), strings.ReplaceAll(string(text), "t-ID", "t-<1>&2"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
