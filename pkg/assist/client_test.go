package assist

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"reflect"
	"sync"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// page is a page of a list: its ids and the next token, or an error.
type page struct {
	ids  []string
	next string
	err  error
}

// pagedService has the pages of one list, by their tokens, and records the requests.
type pagedService struct {
	mu       sync.Mutex // a page may be requested while the previous one is still being read
	pages    map[string]page
	requests []Page
}

func (b *pagedService) Call(_ context.Context, request Request, response any) error {
	asked := reflect.ValueOf(request).Elem().FieldByName("Page").Interface().(Page)
	b.mu.Lock()
	b.requests = append(b.requests, asked)
	b.mu.Unlock()
	page := b.pages[asked.NextToken]
	switch r := response.(type) {
	case *DescribeInvocationsResponse:
		r.NextToken = page.next
		for _, id := range page.ids {
			r.Invocations.Invocation = append(r.Invocations.Invocation, Invocation{InvokeId: id})
		}
	case *DescribeInvocationResultsResponse:
		r.Invocation.NextToken = page.next
		for _, id := range page.ids {
			r.Invocation.InvocationResults.InvocationResult = append(r.Invocation.InvocationResults.InvocationResult, InvocationResult{InstanceId: id})
		}
	case *decodedResults:
		r.Invocation.NextToken = page.next
		for _, id := range page.ids {
			one := decodedResult{InvocationResult: InvocationResult{InstanceId: id}}
			r.Invocation.InvocationResults.InvocationResult = append(r.Invocation.InvocationResults.InvocationResult, one)
		}
	case *DescribeCommandsResponse:
		r.NextToken = page.next
		for _, id := range page.ids {
			r.Commands.Command = append(r.Commands.Command, Command{CommandId: id})
		}
	case *DescribeInstancesResponse:
		r.NextToken = page.next
		for _, id := range page.ids {
			r.Instances.Instance = append(r.Instances.Instance, Instance{InstanceId: id})
		}
	case *DescribeManagedInstancesResponse:
		r.NextToken = page.next
		for _, id := range page.ids {
			r.Instances = append(r.Instances, ManagedInstance{InstanceId: id})
		}
	case *DescribeActivationsResponse:
		r.NextToken = page.next
		for _, id := range page.ids {
			r.ActivationList = append(r.ActivationList, Activation{ActivationUsage: ActivationUsage{ActivationId: id}})
		}
	case *instancesPage:
		var whole DescribeInstancesResponse
		whole.NextToken = page.next
		for _, id := range page.ids {
			whole.Instances.Instance = append(whole.Instances.Instance, Instance{InstanceId: id})
		}
		if page.err == nil {
			text, _ := json.Marshal(whole)
			return jsonv2.Unmarshal(text, r)
		}
	}
	return page.err
}

// idsOf iterates over the ids of a list.
func idsOf[T any](list iter.Seq2[T, error], id func(T) string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for item, err := range list {
			if !yield(id(item), err) {
				return
			}
		}
	}
}

// pagers returns all lists of the client, each with the same first page.
func pagers(ctx context.Context, c *Client, p Page) map[string]iter.Seq2[string, error] {
	return map[string]iter.Seq2[string, error]{
		"AllInvocations": idsOf(c.AllInvocations(ctx, DescribeInvocationsRequest{Page: p}), func(i Invocation) string { return i.InvokeId }),
		"AllInvocationResults": idsOf(c.AllInvocationResults(ctx, DescribeInvocationResultsRequest{Page: p}), func(r InvocationResult) string {
			return r.InstanceId
		}),
		"AllCommands":          idsOf(c.AllCommands(ctx, DescribeCommandsRequest{Page: p}), func(c Command) string { return c.CommandId }),
		"AllInstanceSummaries": idsOf(c.AllInstanceSummaries(ctx, DescribeInstancesRequest{Page: p}), func(i InstanceSummary) string { return i.InstanceId }),
		"AllInstances":         idsOf(c.AllInstances(ctx, DescribeInstancesRequest{Page: p}), func(i Instance) string { return i.InstanceId }),
		"AllActivations":       idsOf(c.AllActivations(ctx, DescribeActivationsRequest{Page: p}), func(a Activation) string { return a.ActivationId }),
		"AllManagedInstances": idsOf(c.AllManagedInstances(ctx, DescribeManagedInstancesRequest{Page: p}), func(i ManagedInstance) string {
			return i.InstanceId
		}),
	}
}

func TestPagers(t *testing.T) {
	failure := errors.New("failed")
	tests := []struct {
		name  string
		pages map[string]page
		stop  int // the number of elements after which the loop stops; 0 for never
		want  []string
		asked []string // the requested tokens
		fails bool
	}{
		{"all pages", map[string]page{"": {ids: []string{"a", "b"}, next: "1"}, "1": {ids: []string{"c"}, next: "2"}, "2": {ids: []string{"d"}}},
			0, []string{"a", "b", "c", "d"}, []string{"", "1", "2"}, false},
		{"one page", map[string]page{"": {ids: []string{"a"}}}, 0, []string{"a"}, []string{""}, false},
		{"nothing", map[string]page{}, 0, nil, []string{""}, false},
		{"an empty page in the middle", map[string]page{"": {ids: []string{"a"}, next: "1"}, "1": {next: "2"}, "2": {ids: []string{"b"}}},
			0, []string{"a", "b"}, []string{"", "1", "2"}, false},
		{"stopped within a page", map[string]page{"": {ids: []string{"a", "b"}, next: "1"}, "1": {ids: []string{"c"}}},
			1, []string{"a"}, []string{""}, false},
		{"stopped at a page's end", map[string]page{"": {ids: []string{"a", "b"}, next: "1"}, "1": {ids: []string{"c"}}},
			2, []string{"a", "b"}, []string{""}, false},
		{"an error on the first page", map[string]page{"": {err: failure}}, 0, nil, []string{""}, true},
		{"an error in the middle", map[string]page{"": {ids: []string{"a"}, next: "1"}, "1": {ids: []string{"b"}, next: "2", err: failure}},
			0, []string{"a"}, []string{"", "1"}, true},
		{"a page with its own token", map[string]page{"": {ids: []string{"a"}, next: "1"}, "1": {next: "1"}},
			0, []string{"a"}, []string{"", "1"}, true},
		{"a cycle of pages", map[string]page{"": {ids: []string{"a"}, next: "1"}, "1": {ids: []string{"b"}, next: "2"}, "2": {next: "1"}},
			0, []string{"a", "b"}, []string{"", "1", "2"}, true},
	}
	for _, test := range tests {
		for name := range pagers(t.Context(), NewClient(nil), Page{}) {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				service := &pagedService{pages: test.pages}
				var got []string
				var failed error
				for id, err := range pagers(t.Context(), NewClient(service), Page{MaxResults: 7})[name] {
					if failed = err; err != nil {
						continue // it must be the last
					}
					if got = append(got, id); len(got) == test.stop {
						break
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
				if (failed != nil) != test.fails {
					t.Errorf("the error is %v", failed)
				}
				var asked []string
				for _, page := range service.requests {
					asked = append(asked, page.NextToken)
					if page.MaxResults != 7 {
						t.Errorf("requested %+v", page)
					}
				}
				if prefetches := name == "AllInstanceSummaries"; prefetches && test.stop > 0 {
					asked = asked[:len(test.asked)]
				}
				if diff := cmp.Diff(test.asked, asked); diff != "" {
					t.Errorf("the pages: %s", diff)
				}
			})
		}
	}
}

// TestPagersSetMaxResults tests that the first page is requested with MaxResults. Without it, the service would return the page in the
// older way, without a NextToken.
func TestPagersSetMaxResults(t *testing.T) {
	for name := range pagers(t.Context(), NewClient(nil), Page{}) {
		service := &pagedService{pages: map[string]page{"": {next: "1"}}}
		for range pagers(t.Context(), NewClient(service), Page{NextToken: "old", PageNumber: 3, PageSize: 5})[name] {
		}
		want := []Page{{MaxResults: 50}, {MaxResults: 50, NextToken: "1"}}
		if diff := cmp.Diff(want, service.requests); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestPagersAreRepeatable(t *testing.T) {
	service := &pagedService{pages: map[string]page{"": {ids: []string{"a"}, next: "1"}, "1": {ids: []string{"b"}}}}
	for name, list := range pagers(t.Context(), NewClient(service), Page{}) {
		for range 2 {
			var got []string
			for id := range list {
				got = append(got, id)
			}
			if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

// TestClientCalls tests that each method of the client makes a call of its action and returns the decoded response.
func TestClientCalls(t *testing.T) {
	for action, wire := range wires() {
		t.Run(action, func(t *testing.T) {
			var failure error
			client := NewClient(CallerFunc(func(_ context.Context, request Request, response any) error {
				if request != wire.request || reflect.TypeOf(response) != reflect.TypeOf(wire.response) {
					t.Errorf("called with %T, %T", request, response)
				}
				reflect.ValueOf(response).Elem().FieldByName("RequestId").SetString("r-1")
				return failure
			}))
			method := reflect.ValueOf(client).MethodByName(action)
			if !method.IsValid() {
				t.Fatal("the client has no such method")
			}
			call := func() (reflect.Value, error) {
				out := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(wire.request)})
				err, _ := out[1].Interface().(error)
				return out[0], err
			}
			response, err := call()
			if err != nil || response.Elem().FieldByName("RequestId").String() != "r-1" {
				t.Errorf("%v, %v", response, err)
			}
			failure = errors.New("failed")
			if response, err = call(); !response.IsNil() || !errors.Is(err, failure) {
				t.Errorf("with an error: %v, %v", response, err)
			}
		})
	}
}
