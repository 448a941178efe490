package lab

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

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

// TestAnswerTextOfAnything holds the encoder of answers to the standard library's, whatever is in them.
func TestAnswerTextOfAnything(t *testing.T) {
	t.Run("DescribeInvocations", textIsJSON[assist.DescribeInvocationsResponse])
	t.Run("DescribeInvocationResults", textIsJSON[assist.DescribeInvocationResultsResponse])
	t.Run("DescribeCommands", textIsJSON[assist.DescribeCommandsResponse])
	t.Run("DescribeCloudAssistantStatus", textIsJSON[assist.DescribeCloudAssistantStatusResponse])
	t.Run("Error", textIsJSON[refused])
}

func textIsJSON[T any](t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Make[T]().Draw(t, "answer")
		want, err := json.Marshal(&v)
		if err != nil {
			t.Fatal(err)
		}
		got := new(strings.Builder)
		if err := encodeJSON(got, &v); err != nil || got.String() != string(want) {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	})
}
