package cmd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/config"
)

// clockSkewWarning is the skew from which on a clock looks unsynchronized. From assist.MaxClockSkew on, calls are refused.
const clockSkewWarning = 2 * time.Minute

// network checks whether the endpoint answers an unsigned request.
func (d *diagnosis) network(ctx context.Context, s *session) bool {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	address := "http://" + s.endpoint.Host + "/"
	if s.endpoint.TLS {
		address = "https://" + s.endpoint.Host + "/"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		d.addError("connection", err)
		return false
	}
	transport := assist.NewTransport(assist.Timeouts{Connect: d.app.config.ConnectTimeout, Read: d.app.config.ReadTimeout})
	transport.TrustOnly(s.authorities)
	defer transport.CloseIdleConnections()
	proxy, err := transport.Proxy(request)
	switch {
	case err != nil:
		d.add("proxy", checkFail, err.Error(), "correct HTTPS_PROXY or HTTP_PROXY")
		d.addSkipped("dns", "connection", "clock")
		return false
	case proxy != nil:
		d.add("proxy", checkOK, "through "+proxy.Host, "")
		d.add("dns", checkSkipped, "the proxy resolves names", "")
	default:
		d.add("proxy", checkOK, "none", "")
		if !d.dns(ctx, request.URL.Hostname()) {
			d.addSkipped("connection", "clock")
			return false
		}
	}
	begun := time.Now()
	answer, err := transport.RoundTrip(request)
	if err != nil {
		remedy := "check --endpoint, the network and its firewall"
		if proxy != nil {
			remedy = "check HTTPS_PROXY and the proxy; NO_PROXY=" + request.URL.Hostname() + " bypasses it"
		}
		d.add("connection", checkFail, assist.TransportReason(err), remedy)
		d.addSkipped("clock")
		return false
	}
	_ = answer.Body.Close()
	took := time.Since(begun)
	d.add("connection", checkOK, fmt.Sprintf("%s answers in %s", s.endpoint, took.Round(time.Millisecond)), "")
	d.clock(answer.Header.Get("Date"), begun.Add(took/2))
	return true
}

func (d *diagnosis) dns(ctx context.Context, host string) bool {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		d.add("dns", checkOK, host+" is an address", "")
		return true
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		d.addError("dns", err)
		return false
	}
	d.add("dns", checkOK, host+" is "+strings.Join(addresses[:min(len(addresses), 3)], ", "), "")
	return true
}

// clock compares this machine's time with that of a response.
func (d *diagnosis) clock(date string, now time.Time) {
	served, err := http.ParseTime(date)
	if err != nil {
		d.add("clock", checkSkipped, "the response has no date", "")
		return
	}
	skew := now.Sub(served).Round(time.Second)
	detail := fmt.Sprintf("%s ahead of the service's", skew)
	if skew < 0 {
		detail = fmt.Sprintf("%s behind the service's", -skew)
	}
	const remedy = "set this machine's clock, for example with NTP"
	switch {
	case skew.Abs() >= assist.MaxClockSkew:
		d.add("clock", checkFail, detail+"; signatures are refused beyond 15m", remedy)
	case skew.Abs() >= clockSkewWarning:
		d.add("clock", checkWarn, detail, remedy)
	default:
		d.add("clock", checkOK, "same as the service's", "")
	}
}

// signature makes a call that needs nothing but valid keys, and looks for the region in the response.
func (d *diagnosis) signature(ctx context.Context, s *session) bool {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	known, err := s.regionIDs(ctx)
	if err != nil {
		d.addError("signature", err)
		d.addSkipped("region")
		return false
	}
	d.add("signature", checkOK, fmt.Sprintf("DescribeRegions returns %s", plural(len(known), "region")), "")
	if !slices.Contains(known, s.region) {
		d.add("region", checkFail, s.region+" is not a region of the account"+config.DidYouMean(s.region, known), "choose one with --region or muster config init")
		return false
	}
	d.add("region", checkOK, fmt.Sprintf("%s (%s)", s.region, d.app.config.Origin("region")), "")
	return true
}
