package assist

import (
	"testing"
	"time"
)

// BenchmarkFirstCall measures a call to a server with a round trip of 200 ms, on a new, a prepared or a used connection.
func BenchmarkFirstCall(b *testing.B) {
	for protocol, http2 := range map[string]bool{"HTTP1": false, "HTTP2": true} {
		for _, connection := range []string{"new", "prepared", "used"} {
			b.Run(protocol+"/"+connection, func(b *testing.B) {
				var total time.Duration
				for range b.N {
					total += firstCall(b, http2, connection)
				}
				b.ReportMetric(float64(total)/float64(2*oneWay)/float64(b.N), "round-trips/op")
				b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "ms/op")
				b.ReportMetric(0, "ns/op") // it would include the setup
			})
		}
	}
}

// firstCall returns the duration of the call.
func firstCall(b *testing.B, http2 bool, connection string) time.Duration {
	f := newDistantServer(b, http2, noContent)
	defer f.close()
	switch connection {
	case "prepared":
		f.transport.Prepare(b.Context(), f.endpoint(), 1)
		_ = wait(b.Context(), 6*oneWay)
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
