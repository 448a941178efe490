package assist

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkCall measures calls with the largest responses that are frequent in a run: 100 instances, 50 invocations on 50 instances each,
// and 50 results with outputs of 24 KB.
func BenchmarkCall(b *testing.B) {
	var instances DescribeInstancesResponse
	var results DescribeInvocationResultsResponse
	output := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("64 characters of output, one of them the end of the line. . . .\n", 24<<10/64)))
	for n := range 100 {
		instances.Instances.Instance = append(instances.Instances.Instance, Instance{
			InstanceId: fmt.Sprintf("i-%d", n), InstanceName: fmt.Sprintf("web-%d", n), Status: "Running", OSType: "linux",
			Description: "web", RegionId: "cn-hangzhou", ZoneId: "cn-hangzhou-b", InstanceType: "ecs.g6.large", ImageId: "m-1", SerialNumber: "1",
		})
	}
	for n := range 50 {
		results.Invocation.InvocationResults.InvocationResult = append(results.Invocation.InvocationResults.InvocationResult, InvocationResult{
			InvokeId: "t-1", InstanceId: fmt.Sprintf("i-%d", n), InvocationStatus: "Success", Output: output,
		})
	}
	var invocations DescribeInvocationsResponse
	for n := range 50 {
		invocation := Invocation{InvokeId: fmt.Sprintf("t-%d", n), CommandContent: output[:4<<10], InvocationStatus: "Success", CommandName: "muster-1"}
		for m := range 50 {
			invocation.InvokeInstances.InvokeInstance = append(invocation.InvokeInstances.InvokeInstance, InvokeInstance{
				InstanceId: fmt.Sprintf("i-%d-%d", n, m), InvocationStatus: "Success", InstanceInvokeStatus: "Finished",
				CreationTime: "2026-11-01T00:00:00Z", StartTime: "2026-11-01T00:00:00Z", FinishTime: "2026-11-01T00:00:01Z",
			})
		}
		invocations.Invocations.Invocation = append(invocations.Invocations.Invocation, invocation)
	}
	for _, bench := range []struct {
		name             string
		request          Request
		answer, response any
	}{
		{"Instances", &DescribeInstancesRequest{}, instances, new(DescribeInstancesResponse)},
		{"InstanceSummaries", &DescribeInstancesRequest{}, instances, new(instancesPage)},
		{"Invocations", &DescribeInvocationsRequest{}, invocations, new(DescribeInvocationsResponse)},
		{"Results", &DescribeInvocationResultsRequest{}, results, new(DescribeInvocationResultsResponse)},
	} {
		text, err := json.Marshal(bench.answer)
		if err != nil {
			b.Fatal(err)
		}
		caller := serve(b, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) })
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := caller.Call(b.Context(), bench.request, bench.response); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
