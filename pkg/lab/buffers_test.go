//go:build unix

package lab

import (
	"sync"
	"testing"

	"muster/pkg/assist"
)

// TestAnswersAtOnce has many clients ask for different invocations, and each is told of its own.
func TestAnswersAtOnce(t *testing.T) {
	const n = 6
	b := openFleet(t, n)
	ids := make([]string, n)
	for i := range ids {
		r := shell("true")
		for j := range i + 1 {
			r.InstanceId = append(r.InstanceId, nth((i+j)%n+1))
		}
		r.InstanceId = r.InstanceId[1:] // shell has one
		ids[i] = b.submit(r)
	}
	for _, id := range ids {
		b.settle(id)
	}
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			for range 50 {
				answer, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", InvokeId: id})
				if err != nil || len(answer.Invocations.Invocation) != 1 {
					t.Errorf("%+v, %v", answer, err)
					return
				}
				instances := answer.Invocations.Invocation[0].InvokeInstances.InvokeInstance
				if len(instances) != i+1 {
					t.Errorf("%d instances, want %d", len(instances), i+1)
				}
				for j, it := range instances {
					if it.InstanceId != nth((i+j)%n+1) || it.InvocationStatus != "Success" {
						t.Errorf("%d of %d: %+v", j, i, it)
					}
				}
			}
		})
	}
	wg.Wait()
}
