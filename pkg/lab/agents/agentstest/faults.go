package agentstest

import (
	"errors"
	"io"
	"net/http"
)

// Fault is something that happens to a request.
type Fault int

// The faults.
const (
	NoFault     Fault = iota
	LoseRequest       // it never reaches the server
	LoseAnswer        // the server has served it, and the agent does not learn that
	Double            // it reaches the server twice, and the agent gets the second answer
)

var errLost = errors.New("lost by a fault of the test")

// Faults returns an [Options.Wrap] that gives each request a fault. choose may also wait, to delay the request.
func Faults(choose func(*http.Request) Fault) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return faulty{next, choose}
	}
}

type faulty struct {
	next   http.RoundTripper
	choose func(*http.Request) Fault
}

// RoundTrip implements [http.RoundTripper].
func (f faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	fault := f.choose(r)
	if fault == LoseRequest {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errLost
	}
	response, err := f.next.RoundTrip(r)
	if err != nil || fault == NoFault {
		return response, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		_, _ = io.Copy(io.Discard, response.Body)
	}
	_ = response.Body.Close()
	if fault == LoseAnswer {
		return nil, errLost
	}
	return f.next.RoundTrip(r)
}
