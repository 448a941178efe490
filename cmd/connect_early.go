package cmd

import (
	"context"

	"muster/pkg/assist"
)

// preconnect begins to connect to an endpoint while the credentials for it are still looked for. open takes the connection over;
// end closes it if that did not happen.
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

// makesNoCall reports a preview for which the instances are not looked up.
func (cn *connector) makesNoCall() bool {
	for _, name := range []string{"preview", "no-check"} {
		if f := cn.flags.Lookup(name); f == nil || f.Value.String() != "true" {
			return false
		}
	}
	return true
}

// takeTransport returns the transport that connectEarly has begun to connect, or a new one.
func (cn *connector) takeTransport() *assist.Transport {
	if transport := cn.preconnected.Swap(nil); transport != nil {
		return transport
	}
	return assist.NewTransport(cn.timeouts())
}
