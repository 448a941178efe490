package cmd

import (
	"context"

	"muster/pkg/assist"
)

// connectEarly begins to connect to an endpoint while the credentials for it are still looked for. open takes the connection over;
// end closes it if that did not happen.
func (a *app) connectEarly(ctx context.Context, endpoint assist.Endpoint) (end func()) {
	if a.callsNobody() {
		return func() {}
	}
	transport := assist.NewTransport(a.timeouts())
	transport.Prepare(ctx, endpoint, 1)
	a.early.Store(transport)
	return func() {
		if a.early.CompareAndSwap(transport, nil) {
			transport.CloseIdleConnections()
		}
	}
}

// callsNobody reports a preview for which the instances are not looked up.
func (a *app) callsNobody() bool {
	for _, name := range []string{"preview", "no-check"} {
		if f := a.flags.Lookup(name); f == nil || f.Value.String() != "true" {
			return false
		}
	}
	return true
}

// transport returns the transport that connectEarly has begun to connect, or a new one.
func (a *app) transport() *assist.Transport {
	if transport := a.early.Swap(nil); transport != nil {
		return transport
	}
	return assist.NewTransport(a.timeouts())
}

func (a *app) timeouts() assist.Timeouts {
	return assist.Timeouts{Connect: a.config.ConnectTimeout, Read: a.config.ReadTimeout}
}
