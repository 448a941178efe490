package lab

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// TestAnswerText has answers be what json.Marshal makes of them, with [] for lists that are nil, and with <, > and & as they
// are.
func TestAnswerText(t *testing.T) {
	response := new(assist.DescribeInvocationsResponse)
	response.Invocations.Invocation = []assist.Invocation{{InvokeId: "t-<1>&2"}}
	w := httptest.NewRecorder()
	apiResponse{requestID: "r", action: "DescribeInvocations", body: response}.write(w, nil)
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

// TestAnswerTextOfAnything holds the encoder of answers to the standard library's, whatever is in them.
func TestAnswerTextOfAnything(t *testing.T) {
	t.Run("DescribeInvocations", textIsJSON[assist.DescribeInvocationsResponse])
	t.Run("DescribeInvocationResults", textIsJSON[assist.DescribeInvocationResultsResponse])
	t.Run("DescribeCommands", textIsJSON[assist.DescribeCommandsResponse])
	t.Run("DescribeCloudAssistantStatus", textIsJSON[assist.DescribeCloudAssistantStatusResponse])
	t.Run("Error", textIsJSON[errorResponse])
}

func textIsJSON[T any](t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Make[T]().Draw(t, "answer")
		got, want := new(strings.Builder), new(strings.Builder)
		standard := json.NewEncoder(want)
		standard.SetEscapeHTML(false)
		if err := errors.Join(standard.Encode(&v), encodeJSON(got, &v)); err != nil {
			t.Fatal(err)
		}
		if got.String()+"\n" != want.String() {
			t.Errorf("%q, want %q", got, want)
		}
	})
}
