package lab

import "net/http"

// healthPath is the path of the health check. It requires no signature.
const healthPath = "/health"

// Health is the response to GET /health of a lab that serves calls.
type Health struct {
	Version   string   // Options.Version
	Instances int      // in all regions
	Regions   []string // that the lab serves, the first one first
}

// serveHealth serves the health check: 200 with the [Health], or 503 if the lab answers all calls with an error.
func serveHealth(l *Lab, w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "application/json;charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case l.isClosed() || hasFailed(l):
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		_ = encodeJSON(w, &Health{l.version, l.Size(), l.Regions()}) // the only error is that the client is gone
	}
}

// hasFailed reports whether the data directory of a lab cannot be written; see [Lab.Failed].
func hasFailed(l *Lab) bool {
	select {
	case <-l.Failed():
		return true
	default:
		return false
	}
}
