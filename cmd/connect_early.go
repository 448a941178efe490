package cmd

import (
	"context"

	"muster/pkg/assist"
)

// preconnect opens a connection to an endpoint while the credentials are still being looked up. newSession takes it over; end closes
// it if that did not happen.
func (cn *connector) preconnect(ctx context.Context, endpoint assist.Endpoint) (end func()) {
	if cn.makesNoCall() {
		return func() {}
	}
	transport := assist.NewTransport(cn.timeouts())
	transport.Prepare(ctx, endpoint, 1)
	cn.preconnected.Store(transport)
	return func() {
		if cn.preconnected.CompareAndSwap(transport, nil) {
			transport.CloseIdleConnections()
		}
	}
}

// makesNoCall reports whether the command is a preview that looks up no instances.
func (cn *connector) makesNoCall() bool {
	for _, name := range []string{"preview", "no-check"} {
		if f := cn.flags.Lookup(name); f == nil || f.Value.String() != "true" {
			return false
		}
	}
	return true
}

// takeTransport returns the transport of preconnect, or a new one.
func (cn *connector) takeTransport() *assist.Transport {
	if transport := cn.preconnected.Swap(nil); transport != nil {
		return transport
	}
	return assist.NewTransport(cn.timeouts())
}
