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

// BenchmarkBareRun makes the calls of a run on all instances of a lab that another process serves, by a client that signs and
// reads and does nothing else: the pages of DescribeInstances one after the other, a page of agents, a RunCommand for every 50
// instances, as many at a time as it is told, and, when the last part has ended, a look and the fetching of the last results.
// bench/scale has it for the floor: the round trips as they are, with the lab's work in them.
func BenchmarkBareRun(b *testing.B) {
	path := os.Getenv(servedLab)
	if path == "" {
		b.Skip("bench/scale starts the lab that it is for")
	}
	there, err := ReadConnections(path)
	if err != nil {
		b.Fatal(err)
	}
	c := there[0]
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
		read(&assist.DescribeCloudAssistantStatusRequest{RegionId: c.RegionId, InstanceId: some(next, instances, 50)})
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
