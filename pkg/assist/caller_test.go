package assist

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCalls(t *testing.T) {
	var calls Calls
	if counts := calls.Counts(); len(counts) != 0 {
		t.Errorf("before any call: %v", counts)
	}
	failure := errors.New("failed")
	counted := calls.Count(CallerFunc(func(_ context.Context, request Request, _ any) error {
		if request.Action() == "RunCommand" {
			return failure
		}
		return nil
	}))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := counted.Call(t.Context(), &RunCommandRequest{}, nil); !errors.Is(err, failure) {
				t.Errorf("the error is %v", err)
			}
			_ = counted.Call(t.Context(), &DescribeRegionsRequest{}, nil)
			_ = calls.Counts()
		})
	}
	all.Wait()
	counts := calls.Counts()
	if diff := cmp.Diff(map[string]int{"RunCommand": 20, "DescribeRegions": 20}, counts); diff != "" {
		t.Error(diff)
	}
	counts["RunCommand"] = 0
	if calls.Counts()["RunCommand"] != 20 {
		t.Error("the counts are not a copy")
	}
}
