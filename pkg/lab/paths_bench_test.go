//go:build unix

package lab

import (
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

// BenchmarkPaths measures the steps of a call to a lab of 1,000 simulated instances, without a network: each step alone, and
// actions from their parameters to the text of the response.
func BenchmarkPaths(b *testing.B) {
	const n = 1000
	l := newLab(b, Options{Instances: simulatedFleet(n, new(Simulation))})
	next := new(atomic.Int64)
	serve := func(b *testing.B, r assist.Request) any {
		b.Helper()
		response, err := l.operations[r.Action()].serve(b.Context(), call{Lab: l, site: l.own, reply: new(reply)}, assist.Encode(r))
		if err != nil {
			b.Fatal(err)
		}
		return response
	}
	saved := serve(b, &assist.CreateCommandRequest{
		RegionId: "cn-hangzhou", Name: "saved", Type: "RunShellScript", CommandContent: "dHJ1ZQ==",
	}).(*assist.CreateCommandResponse).CommandId
	id := ""
	for range n / 50 {
		id = serve(b, runOn(next, n, 50, "bench")).(*assist.RunCommandResponse).InvokeId
	}
	fifty := assist.Page{MaxResults: 50}
	for _, path := range []struct {
		name string
		make func() assist.Request
	}{
		{"RunCommand/50", func() assist.Request { return runOn(next, n, 50, "bench") }},
		{"InvokeCommand/100", func() assist.Request {
			return &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: saved, InstanceId: nextIDs(next, n, 100)}
		}},
		{"DescribeInvocations/ByName", func() assist.Request {
			return &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", CommandName: "bench", Page: fifty}
		}},
		{"DescribeInvocationResults", func() assist.Request {
			return &assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id, Page: fifty}
		}},
		{"DescribeInstances", func() assist.Request {
			return &assist.DescribeInstancesRequest{RegionId: "cn-hangzhou", Page: assist.Page{MaxResults: 100}}
		}},
	} {
		b.Run(path.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := path.make()
				a := apiResponse{requestID: "r", action: r.Action(), body: serve(b, r)}
				a.write(httptest.NewRecorder(), nil)
			}
		})
	}
	w := newWire(Connection{Endpoint: "127.0.0.1:80", AccessKeyId: l.identity.Key.Id, AccessKeySecret: l.identity.Key.Secret})
	r, err := w.signed(runOn(next, n, 50, "bench"))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Signature", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, refused := signature.Verify(r, nil, nil, func(string) (signature.Key, bool) { return l.identity.Key, true }); refused != nil {
				b.Fatal(refused)
			}
		}
	})
	b.Run("Decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			params, err := url.ParseQuery(r.URL.RawQuery)
			if err == nil {
				err = assist.Decode(params, new(assist.RunCommandRequest))
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
