package lab

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"muster/pkg/assist"
)

// hostNames are the host names that requests to a lab may have besides loopback names and the address that they are sent to.
type hostNames []string

// hostNamesOf returns the names of a lab that listens on addr: its host name, or this machine's name if it listens on all
// addresses.
func hostNamesOf(addr string) hostNames {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if host != "" && err != nil {
		return hostNames{host}
	}
	if host == "" || ip.IsUnspecified() {
		if own, err := os.Hostname(); err == nil {
			return hostNames{own}
		}
	}
	return nil
}

// allow reports whether the Host of a request is one of this machine: a loopback name or address; or, with the right port, the
// address that the request was sent to or one of the names.
func (n hostNames) allow(r *http.Request) bool {
	if (assist.Endpoint{Host: r.Host}).Loopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return false
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = strings.Trim(r.Host, "[]"), "80"
		if r.TLS != nil {
			port = "443"
		}
	}
	if port != strconv.Itoa(local.Port) {
		return false
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap() == local.AddrPort().Addr().Unmap()
	}
	return slices.ContainsFunc(n, func(name string) bool { return strings.EqualFold(name, host) })
}

// allowAnyPort reports whether the Host of a request is one of the names, with any port.
func (n hostNames) allowAnyPort(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return slices.ContainsFunc(n, func(name string) bool { return strings.EqualFold(name, host) })
}

// advertisedAddress returns the address for clients, also on other machines. If the listener listens on all addresses, that is
// the address that this machine would use to call others.
func advertisedAddress(ctx context.Context, listener net.Listener) string {
	addr, ok := listener.Addr().(*net.TCPAddr)
	if !ok || !addr.IP.IsUnspecified() {
		return listener.Addr().String()
	}
	ip := net.IPv4(127, 0, 0, 1)
	for _, remote := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} { // addresses for documentation; nothing is sent
		conn, err := new(net.Dialer).DialContext(ctx, "udp", remote)
		if err != nil {
			continue
		}
		if own, ok := conn.LocalAddr().(*net.UDPAddr); ok {
			ip = own.IP
		}
		_ = conn.Close()
		break
	}
	return net.JoinHostPort(ip.String(), strconv.Itoa(addr.Port))
}
