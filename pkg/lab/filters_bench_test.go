//go:build unix

package lab

import (
	"fmt"
	"testing"
	"time"

	"muster/pkg/assist"
)

// BenchmarkFilters searches by filters without an index among 100 invocations of 50 instances, and among as many as the service
// lists. The cost must be proportional to the number of invocations, not of tasks.
func BenchmarkFilters(b *testing.B) {
	for _, n := range []int{100, maxInvocations} {
		l := newLab(b, Options{})
		fillWide(l.own.store, n)
		for name, r := range map[string]assist.Request{
			"InvokeStatus":              &assist.DescribeInvocationsRequest{InvokeStatus: "Failed"},
			"InvokeRecordStatus":        &assist.DescribeInvocationResultsRequest{InvokeRecordStatus: "Failed"},
			"InvokeRecordStatus/Newer":  &assist.DescribeInvocationResultsRequest{InvokeRecordStatus: "Failed", Page: assist.Page{MaxResults: 50}},
			"InvokeRecordStatus/Common": &assist.DescribeInvocationResultsRequest{InvokeRecordStatus: "Running"},
			"Tag":                       &assist.DescribeInvocationsRequest{Tag: []assist.Tag{{Key: "none"}}},
			"Timed":                     &assist.DescribeInvocationsRequest{Timed: new(bool)},
			"InstanceId":                &assist.DescribeInvocationResultsRequest{InstanceId: nth(1), InvokeRecordStatus: "Failed"},
		} {
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
				params := assist.Encode(r)
				params.Set("RegionId", l.Region())
				for b.Loop() {
					if _, err := l.operations[r.Action()].serve(b.Context(), call{Lab: l, site: l.own, reply: new(reply)}, params); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func fillWide(s *store, n int) {
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = nth(i + 1)
	}
	for i := range n {
		name := fmt.Sprint("wide", i)
		inv := &invocation{InvokeId: name, Created: time.Now(), Instances: len(ids), Command: &command{CommandId: "c-" + name, Name: name}}
		if err := s.addInvocation(inv, ids, false); err != nil {
			panic(err)
		}
		for j := range ids {
			s.change(taskRef{name, j}, func(t *task) bool { t.Status = assist.StatusRunning; return true })
			if j%2 == 0 {
				s.change(taskRef{name, j}, func(t *task) bool { t.Status = assist.StatusSuccess; return true })
			}
		}
	}
}
