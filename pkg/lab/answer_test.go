package lab

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"muster/pkg/assist"
)

// TestAnswerText has answers be what json.Marshal makes of them, with [] for lists that are nil.
func TestAnswerText(t *testing.T) {
	response := new(assist.DescribeInvocationsResponse)
	response.Invocations.Invocation = []assist.Invocation{{InvokeId: "t-<1>"}}
	w := httptest.NewRecorder()
	answer{requestID: "r", action: "DescribeInvocations", response: response}.write(w, nil)
	want := new(assist.DescribeInvocationsResponse)
	want.RequestId = "r"
	want.Invocations.Invocation = []assist.Invocation{{InvokeId: "t-<1>"}}
	want.Invocations.Invocation[0].Tags.Tag = assist.List[assist.TagPair]{}
	want.Invocations.Invocation[0].InvokeInstances.InvokeInstance = assist.List[assist.InvokeInstance]{}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Body.String(); got != string(text) {
		t.Errorf("%q, want %q", got, text)
	}
}
