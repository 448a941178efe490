package assist

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
)

// TestNextPageIsPrefetched has a service that sends the instances of a page only after the next page has been requested.
func TestNextPageIsPrefetched(t *testing.T) {
	asked := make([]chan struct{}, 3)
	for i := range asked {
		asked[i] = make(chan struct{})
	}
	caller := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := 0
		_, _ = fmt.Sscan(r.FormValue("NextToken"), &page)
		close(asked[page])
		if page == len(asked)-1 {
			_, _ = fmt.Fprintf(w, `{"RequestId":"r","Instances":{"Instance":[{"InstanceId":"i-%d"}]}}`, page)
			return
		}
		_, _ = fmt.Fprintf(w, `{"RequestId":"r","NextToken":"%d","TotalCount":3,"Instances":{"Instance":[`, page+1)
		_ = http.NewResponseController(w).Flush()
		<-asked[page+1]
		_, _ = fmt.Fprintf(w, `{"InstanceId":"i-%d"}]}}`, page)
	})
	var got []string
	for instance, err := range NewClient(caller).AllInstanceSummaries(t.Context(), DescribeInstancesRequest{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, instance.InstanceId)
	}
	if !slices.Equal(got, []string{"i-0", "i-1", "i-2"}) {
		t.Errorf("got %q", got)
	}
}

// TestIncompletePage tests a response that ends after the token of the next page. The page is requested again, and the next page only
// once.
func TestIncompletePage(t *testing.T) {
	asked := map[string]int{}
	caller := serve(t, func(w http.ResponseWriter, r *http.Request) {
		token := r.FormValue("NextToken")
		asked[token]++
		switch {
		case token != "":
			_, _ = io.WriteString(w, `{"Instances":{"Instance":[{"InstanceId":"i-2"}]}}`)
		case asked[token] == 1:
			_, _ = io.WriteString(w, `{"NextToken":"1","Instances":{"Instance":[{"Insta`)
			panic(http.ErrAbortHandler)
		default:
			_, _ = io.WriteString(w, `{"NextToken":"another","Instances":{"Instance":[{"InstanceId":"i-1"}]}}`)
		}
	})
	inTurn := make(chan struct{}, 1) // serializes the calls, because the handler counts without a lock
	retried := WithRetry(CallerFunc(func(ctx context.Context, request Request, response any) error {
		inTurn <- struct{}{}
		defer func() { <-inTurn }()
		return caller.Call(ctx, request, response)
	}), RetryPolicy{Initial: 1, Max: 1, Elapsed: 1 << 40})
	var got []string
	for instance, err := range NewClient(retried).AllInstanceSummaries(t.Context(), DescribeInstancesRequest{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, instance.InstanceId)
	}
	if !slices.Equal(got, []string{"i-1", "i-2"}) || asked[""] != 2 || len(asked) != 2 {
		t.Errorf("got %q with the calls %v", got, asked)
	}
}

func FuzzInstancesPage(f *testing.F) {
	for _, text := range []string{
		`{"NextToken":"1","Instances":{"Instance":[{"InstanceId":"i-1"}]},"New":[{}]}`, `{"nexttoken":null,"Instances":null}`, `[]`, `null`, `1`, `{"NextToken":1}`, `{`, ``,
		`{"Instances":{"Instance":[]},"NextToken":"1"}`, `{"NextToken":"1","NextToken":"2"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var page instancesPage
		var tokens []string
		page.onToken = func(token string) { tokens = append(tokens, token) }
		err := json.Unmarshal(text, &page, lenient)
		var whole struct{ NextToken string }
		if wholeErr := json.Unmarshal(text, &whole, lenient); err == nil && (wholeErr != nil || whole.NextToken != page.next) {
			t.Errorf("%q has the token %q, and decoded as a whole %q: %v", text, page.next, whole.NextToken, wholeErr)
		}
		for _, token := range tokens {
			if token == "" {
				t.Errorf("%q: onToken is called with an empty token", text)
			}
		}
	})
}
