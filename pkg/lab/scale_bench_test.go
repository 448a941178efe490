//go:build unix

package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

// connectionVariable is the environment variable with the connection file of the lab to measure. bench/simulated starts a lab of
// 100,000 simulated instances in another process. Without the variable, the lab is in the process of the benchmark.
const connectionVariable = "MUSTER_BENCH_LAB"

const (
	scaleInstances = 100_000
	scaleClients   = 4
)

// BenchmarkHundredThousand measures calls over HTTP to a lab of 100,000 simulated instances, all of which have run one command.
// The clients sign requests and read responses, and do not decode them.
func BenchmarkHundredThousand(b *testing.B) {
	c := scaleConnection(b)
	wire := newWire(c)
	b.Cleanup(wire.http.CloseIdleConnections)
	next := new(atomic.Int64)
	const name = "everywhere"
	saved := new(assist.CreateCommandResponse)
	wire.must(b, &assist.CreateCommandRequest{RegionId: c.RegionId, Name: "saved", Type: "RunShellScript", CommandContent: "dHJ1ZQ=="}, saved)
	var ids []string
	for range scaleInstances / 50 {
		answer := new(assist.RunCommandResponse)
		wire.must(b, runOn(next, scaleInstances, 50, name), answer)
		ids = append(ids, answer.InvokeId)
	}
	eventually(b, "all have finished", func() bool {
		page := new(assist.DescribeInvocationsResponse)
		wire.must(b, &assist.DescribeInvocationsRequest{RegionId: c.RegionId, CommandName: name, InvokeStatus: "Success", Page: assist.Page{PageSize: 1}}, page)
		return page.TotalCount == scaleInstances/50
	})
	middle := assist.Page{MaxResults: 50, NextToken: token("agents", position{Index: scaleInstances / 2})}
	for _, call := range []struct {
		name string
		make func() assist.Request
	}{
		{"RunCommand/50", func() assist.Request { return runOn(next, scaleInstances, 50, "more") }},
		{"InvokeCommand/100", func() assist.Request {
			return &assist.InvokeCommandRequest{RegionId: c.RegionId, CommandId: saved.CommandId, InstanceId: nextIDs(next, scaleInstances, 100)}
		}},
		{"DescribeInvocations/ByName/50", func() assist.Request {
			return &assist.DescribeInvocationsRequest{RegionId: c.RegionId, CommandName: name, Page: assist.Page{MaxResults: 50}}
		}},
		{"DescribeInvocations/ById", func() assist.Request {
			return &assist.DescribeInvocationsRequest{RegionId: c.RegionId, InvokeId: ids[len(ids)/2]}
		}},
		{"DescribeInvocations/FirstPage/10", func() assist.Request { return &assist.DescribeInvocationsRequest{RegionId: c.RegionId} }},
		{"DescribeInvocationResults/ById/50", func() assist.Request {
			return &assist.DescribeInvocationResultsRequest{RegionId: c.RegionId, InvokeId: ids[len(ids)/2], Page: assist.Page{MaxResults: 50}}
		}},
		{"DescribeInvocationResults/ByInstance", func() assist.Request {
			return &assist.DescribeInvocationResultsRequest{RegionId: c.RegionId, InstanceId: nth(50_000)}
		}},
		{"DescribeInvocationResults/FirstPage/10", func() assist.Request { return &assist.DescribeInvocationResultsRequest{RegionId: c.RegionId} }},
		{"DescribeInstances/Middle/100", func() assist.Request {
			return &assist.DescribeInstancesRequest{RegionId: c.RegionId, Page: assist.Page{
				MaxResults: 100, NextToken: token("instances", position{Index: scaleInstances / 2}),
			}}
		}},
		{"DescribeInstances/PageNumber/100", func() assist.Request {
			return &assist.DescribeInstancesRequest{RegionId: c.RegionId, Page: assist.Page{PageSize: 100, PageNumber: 500}}
		}},
		{"DescribeCloudAssistantStatus/Middle/50", func() assist.Request {
			return &assist.DescribeCloudAssistantStatusRequest{RegionId: c.RegionId, Page: middle}
		}},
		{"DescribeCloudAssistantStatus/PageNumber/50", func() assist.Request {
			return &assist.DescribeCloudAssistantStatusRequest{RegionId: c.RegionId, Page: assist.Page{PageSize: 50, PageNumber: 1000}}
		}},
		{"DescribeCloudAssistantStatus/Ids/50", func() assist.Request {
			return &assist.DescribeCloudAssistantStatusRequest{RegionId: c.RegionId, InstanceId: nextIDs(next, scaleInstances, 50)}
		}},
	} {
		b.Run(call.name, func(b *testing.B) { wire.measure(b, call.make) })
	}
}

// scaleConnection returns the connection to a lab of 100,000 simulated instances.
func scaleConnection(b *testing.B) Connection {
	b.Helper()
	if path := os.Getenv(connectionVariable); path != "" {
		connections, err := ReadConnections(path)
		if err != nil {
			b.Fatal(err)
		}
		return connections[0]
	}
	client := open(b, newScaleLab(b))
	id, secret := client.lab.Key()
	return Connection{Endpoint: client.host, AccessKeyId: id, AccessKeySecret: secret, RegionId: client.lab.Region()}
}

func newScaleLab(b *testing.B) *Lab {
	b.Helper()
	second := Distribution{Least: time.Second, Most: time.Second}
	return newLab(b, Options{Instances: simulatedFleet(scaleInstances, &Simulation{Duration: second, Size: 64})})
}

// nextIDs returns the ids of the next n instances. After the last instance, it continues with the first.
func nextIDs(next *atomic.Int64, all, n int) []string {
	first := int(next.Add(int64(n))) - n
	ids := make([]string, n)
	for i := range ids {
		ids[i] = nth((first+i)%all + 1)
	}
	return ids
}

func runOn(next *atomic.Int64, all, n int, name string) *assist.RunCommandRequest {
	r := shell("true")
	r.Name, r.InstanceId = name, nextIDs(next, all, n)
	return r
}

// wire is a minimal client, so that the benchmarks measure the lab.
type wire struct {
	http       *http.Client
	connection Connection
}

func newWire(c Connection) *wire {
	return &wire{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * scaleClients}}, c}
}

// signed returns a request signed like those of the current SDKs.
func (w *wire) signed(request assist.Request) (*http.Request, error) {
	query := assist.Encode(request)
	address := url.URL{Scheme: "http", Host: w.connection.Endpoint, Path: "/", RawQuery: query.Encode()}
	r, err := http.NewRequest(http.MethodPost, address.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"x-acs-action": request.Action(), "x-acs-version": assist.Version, "x-acs-signature-nonce": newInvokeID(),
		"x-acs-date": time.Now().UTC().Format("2006-01-02T15:04:05Z"), "x-acs-content-sha256": signature.HashBody(nil),
	} {
		r.Header.Set(name, value)
	}
	names := []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
	key := signature.Key{Id: w.connection.AccessKeyId, Secret: w.connection.AccessKeySecret}
	r.Header.Set("Authorization", signature.SignV3(key, r, query, names, signature.HashBody(nil)))
	return r, nil
}

func (w *wire) call(request assist.Request, into io.Writer) error {
	r, err := w.signed(request)
	if err != nil {
		return err
	}
	answer, err := w.http.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(into, answer.Body)
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", request.Action(), answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}

func (w *wire) must(b *testing.B, request assist.Request, response any) {
	b.Helper()
	var text bytes.Buffer
	if err := w.call(request, &text); err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal(text.Bytes(), response); err != nil {
		b.Fatal(err)
	}
}

// measure makes calls from concurrent clients, and reports the median duration of a call.
func (w *wire) measure(b *testing.B, request func() assist.Request) {
	var mu sync.Mutex
	var all []time.Duration
	b.ReportAllocs()
	b.SetParallelism(max(1, scaleClients/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		var own []time.Duration
		for pb.Next() {
			began := time.Now()
			if err := w.call(request(), io.Discard); err != nil {
				b.Error(err)
				return
			}
			own = append(own, time.Since(began))
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, own...)
	})
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "median-ms")
}
