package cmd

import (
	"net"
	"os/user"
	"strconv"

	"muster/pkg/assist"
)

// checkListen keeps a lab on this machine unless both flags say otherwise.
func (o *labOptions) checkListen() error {
	if _, port, err := net.SplitHostPort(o.listen); o.listen != "" && (err != nil || !isPort(port)) {
		return usagef("--listen %s: want HOST:PORT such as 127.0.0.1:8080, or 127.0.0.1:0 for any port that is free", o.listen)
	}
	remote := o.listen != "" && !(assist.Endpoint{Host: o.listen}).Loopback()
	switch {
	case remote && !o.allowRemote:
		return usagef("--listen %s: other machines may reach that address, and the lab runs what it is sent: add --allow-remote if they are to, "+
			"or listen on a loopback address such as 127.0.0.1:8080", o.listen)
	case o.allowRemote && !remote:
		return usagef("--allow-remote lets --listen name an address that other machines reach, such as 0.0.0.0:8080, and there is none")
	}
	return nil
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// warnRemote says, however quiet muster is to be, what it means that other machines reach a lab.
func warnRemote(p *printer, endpoint string) {
	who := "this user"
	if own, err := user.Current(); err == nil {
		who = own.Username
	}
	p.note("warning: other machines reach this lab, on %s. Anybody who has its keys and can reach the port runs scripts on this machine as %s. "+
		"What is sent, outputs and files too, is plain HTTP for all on the way to read, unless a tunnel such as ssh -L carries it", endpoint, who)
}
