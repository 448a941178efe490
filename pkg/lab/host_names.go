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

// names are what a lab that listens beyond loopback may be called besides the address that a call comes to.
type hostNames []string

// namesOf are those of a lab that was told to listen on an address.
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

// called tells whether a call is for this machine by its Host: a name of the loopback, or the address that the call came
// to or one of the names, with the port.
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
	}
	if port != strconv.Itoa(local.Port) {
		return false
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap() == local.AddrPort().Addr().Unmap()
	}
	return slices.ContainsFunc(n, func(name string) bool { return strings.EqualFold(name, host) })
}

// reachableAt is what clients, on other machines too, reach a listener by. One that listens on all addresses is told by
// the one that this machine calls others from.
func advertisedAddress(ctx context.Context, listener net.Listener) string {
	at, ok := listener.Addr().(*net.TCPAddr)
	if !ok || !at.IP.IsUnspecified() {
		return listener.Addr().String()
	}
	ip := net.IPv4(127, 0, 0, 1)
	for _, elsewhere := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} { // nothing is sent there
		conn, err := new(net.Dialer).DialContext(ctx, "udp", elsewhere)
		if err != nil {
			continue
		}
		if own, ok := conn.LocalAddr().(*net.UDPAddr); ok {
			ip = own.IP
		}
		_ = conn.Close()
		break
	}
	return net.JoinHostPort(ip.String(), strconv.Itoa(at.Port))
}
