//go:build unix

package lab

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// BenchmarkBareRun makes the calls of a run on all instances of a lab in another process, with a client that only signs requests
// and reads responses: all pages of DescribeInstances one after another, a page of agents, and concurrently a RunCommand for every
// 50 instances; after the duration of the tasks, one poll, and one page of results. bench/scale uses it as the lower bound of a
// run: the round trips alone, including the lab's work.
func BenchmarkBareRun(b *testing.B) {
	path := os.Getenv(connectionVariable)
	if path == "" {
		b.Skip("run by bench/scale, which starts the lab")
	}
	connections, err := ReadConnections(path)
	if err != nil {
		b.Fatal(err)
	}
	c := connections[0]
	number := func(name string) int {
		n, err := strconv.Atoi(os.Getenv(name))
		if err != nil {
			b.Fatalf("%s: %v", name, err)
		}
		return n
	}
	instances, concurrency := number("MUSTER_BENCH_INSTANCES"), number("MUSTER_BENCH_CONCURRENCY")
	duration := time.Duration(number("MUSTER_BENCH_SECONDS")) * time.Second
	wire := newWire(c)
	b.Cleanup(wire.http.CloseIdleConnections)
	read := func(request assist.Request) {
		if err := wire.call(request, io.Discard); err != nil {
			b.Error(err)
		}
	}
	for b.Loop() {
		for at := 0; at < instances; at += 100 {
			page := assist.Page{MaxResults: 100}
			if at > 0 {
				page.NextToken = token("instances", position{Index: at})
			}
			read(&assist.DescribeInstancesRequest{RegionId: c.RegionId, Page: page})
		}
		next := new(atomic.Int64)
		read(&assist.DescribeCloudAssistantStatusRequest{RegionId: c.RegionId, InstanceId: nextIDs(next, instances, 50)})
		var last bytes.Buffer
		var calls errgroup.Group
		calls.SetLimit(concurrency)
		for at := 50; at < instances; at += 50 {
			calls.Go(func() error { read(runOn(next, instances, 50, "bare")); return nil })
		}
		calls.Go(func() error { return wire.call(runOn(next, instances, 50, "bare"), &last) })
		if err := calls.Wait(); err != nil {
			b.Fatal(err)
		}
		ended := time.NewTimer(duration)
		answer := new(assist.RunCommandResponse)
		if err := json.Unmarshal(last.Bytes(), answer); err != nil {
			b.Fatal(err)
		}
		<-ended.C
		read(&assist.DescribeInvocationsRequest{RegionId: c.RegionId, CommandName: "bare", Page: assist.Page{MaxResults: 50}})
		read(&assist.DescribeInvocationResultsRequest{RegionId: c.RegionId, InvokeId: answer.InvokeId, Page: assist.Page{MaxResults: 50}})
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "bare-ms")
}
