package assist

import (
	"testing"
	"time"
)

// BenchmarkFirstCall makes a call to a service that is a round trip of 200 ms away, on a connection that is new, was prepared, or
// has carried a call before.
func BenchmarkFirstCall(b *testing.B) {
	for protocol, http2 := range map[string]bool{"HTTP1": false, "HTTP2": true} {
		for _, connection := range []string{"new", "prepared", "used"} {
			b.Run(protocol+"/"+connection, func(b *testing.B) {
				var total time.Duration
				for range b.N {
					total += firstCall(b, http2, connection)
				}
				b.ReportMetric(float64(total)/float64(2*way)/float64(b.N), "round-trips/op")
				b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "ms/op")
				b.ReportMetric(0, "ns/op") // of what comes before the call, too
			})
		}
	}
}

// firstCall returns how long the call takes.
func firstCall(b *testing.B, http2 bool, connection string) time.Duration {
	f := newFar(b, http2, noContent)
	defer f.close()
	switch connection {
	case "prepared":
		f.transport.Prepare(b.Context(), f.endpoint(), 1)
		_ = travel(b.Context(), 6*way)
	case "used":
		if _, err := f.post(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	began := time.Now()
	if _, err := f.post(b.Context()); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}
