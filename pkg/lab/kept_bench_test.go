//go:build unix

package lab

import (
	"sync/atomic"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// BenchmarkKept measures the cost of durability: calls of 4 concurrent clients to a lab with a data directory, which wait for the
// disk if there is something to store, and loading a data directory with 2,000 invocations of 50 instances.
// BenchmarkHundredThousand measures calls to a lab that stores nothing.
func BenchmarkKept(b *testing.B) {
	const n = 1000
	client := open(b, newLab(b, Options{Data: b.TempDir(), Instances: simulatedFleet(n, &Simulation{Size: 64})}))
	id, secret := client.lab.Key()
	wire := newWire(Connection{Endpoint: client.host, AccessKeyId: id, AccessKeySecret: secret, RegionId: client.lab.Region()})
	b.Cleanup(wire.http.CloseIdleConnections)
	next := new(atomic.Int64)
	for _, call := range []struct {
		name string
		make func() assist.Request
	}{
		{"RunCommand/1", func() assist.Request { return runOn(next, n, 1, "one") }},
		{"RunCommand/50", func() assist.Request { return runOn(next, n, 50, "many") }},
		{"SendFile/1", func() assist.Request {
			return fileRequest("x", func(r *assist.SendFileRequest) { r.InstanceId, r.Overwrite = nextIDs(next, n, 1), true })
		}},
		{"DescribeInvocations/FirstPage/10", func() assist.Request {
			return &assist.DescribeInvocationsRequest{RegionId: client.lab.Region()}
		}},
	} {
		b.Run(call.name, func(b *testing.B) { wire.measure(b, call.make) })
	}

	b.Run("Load/2000", func(b *testing.B) {
		const invocations = 2000
		full := open(b, newLab(b, Options{Data: b.TempDir(), Instances: simulatedFleet(n, &Simulation{Size: 64})}))
		for range invocations {
			full.submit(runOn(next, n, 50, "past"))
		}
		eventually(b, "all have finished", func() bool {
			page, err := full.DescribeInvocations(b.Context(), &assist.DescribeInvocationsRequest{
				RegionId: full.lab.Region(), InvokeStatus: "Success", Page: assist.Page{PageSize: 1},
			})
			if err != nil {
				b.Fatal(err)
			}
			return page.TotalCount == invocations
		})
		db, err := keep.Open(crash(b, full.lab))
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		b.ReportAllocs()
		for b.Loop() {
			if err := (stores{newStore()}).load(db); err != nil {
				b.Fatal(err)
			}
		}
	})
}
