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

// TestJSON compares a response with what json.Marshal writes. Nil lists must be [], and <, > and & must not be escaped.
func TestJSON(t *testing.T) {
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

// TestJSONMatchesStandardLibrary compares random responses with those of the standard library's encoder.
func TestJSONMatchesStandardLibrary(t *testing.T) {
	t.Run("DescribeInvocations", testJSONMatches[assist.DescribeInvocationsResponse])
	t.Run("DescribeInvocationResults", testJSONMatches[assist.DescribeInvocationResultsResponse])
	t.Run("DescribeCommands", testJSONMatches[assist.DescribeCommandsResponse])
	t.Run("DescribeCloudAssistantStatus", testJSONMatches[assist.DescribeCloudAssistantStatusResponse])
	t.Run("Error", testJSONMatches[errorResponse])
}

func testJSONMatches[T any](t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Make[T]().Draw(t, "response")
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
