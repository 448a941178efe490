package cmd

import (
	"fmt"
	"net"
	"net/netip"
	"os/user"
	"strconv"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/lab"
)

// checkListen refuses addresses that other machines can reach, unless --allow-remote is given.
func (o *labOptions) checkListen() error {
	if host, port, err := net.SplitHostPort(o.listen); o.listen != "" && (err != nil || !isAddress(host, port)) {
		return usagef("--listen %s: want HOST:PORT such as 127.0.0.1:8080, or 127.0.0.1:0 for any port that is free", o.listen)
	}
	if host, port := lab.SplitAgentAddress(o.agents); o.agents != "" && !isAddress(host, port) {
		return usagef("--agents %s: want ADDRESS or ADDRESS:PORT, such as lab.example:8443", o.agents)
	}
	remote := o.listen != "" && !(assist.Endpoint{Host: o.listen}).Loopback()
	remoteAgents := o.agents != "" && !(assist.Endpoint{Host: o.agents}).Loopback()
	switch {
	case remoteAgents && !o.allowRemote:
		return usagef("--agents %s: other machines can reach that address: add --allow-remote to allow that, or use a loopback address such as 127.0.0.1:8443", o.agents)
	case remote && !o.allowRemote:
		return usagef("--listen %s: other machines can reach that address, and the lab runs what they send: add --allow-remote to allow that, "+
			"or listen on a loopback address such as 127.0.0.1:8080", o.listen)
	case o.allowRemote && !remote && !remoteAgents:
		return usagef("--allow-remote needs a --listen or --agents address that other machines can reach, such as 0.0.0.0:8080")
	}
	return nil
}

// checkAllowHosts refuses what is not a host name.
func (o *labOptions) checkAllowHosts() error {
	for _, name := range o.allowHosts {
		switch {
		case strings.Contains(name, "*"):
			return usagef("--allow-host %s: want one name such as lab: a lab that answers to any name can be called by any web page", name)
		case name == "" || !isHostName(name):
			return usagef("--allow-host %q: want a host name such as lab, without a scheme or a port", name)
		}
	}
	return nil
}

// isAddress reports whether an address to listen on can exist. An empty host means all addresses of this machine.
func isAddress(host, port string) bool {
	_, err := netip.ParseAddr(host)
	return isPort(port) && (err == nil || isHostName(host))
}

// isHostName reports whether a text has only characters of host names.
func isHostName(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !isIDRune(r) })
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// warnRemote warns that other machines can reach the lab, even with --quiet.
func warnRemote(p *printer, endpoint string, secure bool) {
	who := "this user"
	if own, err := user.Current(); err == nil {
		who = own.Username
	}
	warning := fmt.Sprintf("warning: other machines can reach this lab on %s. Anyone who has its keys and can reach the port can run scripts on this machine as %s", endpoint, who)
	if !secure {
		warning += ". Traffic, including outputs and files, is plain HTTP, which others on the way can read: add --tls, or use a tunnel such as ssh -L"
	}
	p.note("%s", warning)
}
