package cmd

import (
	"net"
	"slices"
	"strings"
)

// noProxy returns the value of NO_PROXY with which clients reach a lab: the current value and the lab's host. It is empty if the
// environment has no proxy. Not all clients bypass proxies for loopback addresses by themselves.
func noProxy(st *settings, endpoint string) string {
	proxies := []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}
	if !slices.ContainsFunc(proxies, func(name string) bool { return st.getenv(name) != "" }) {
		return ""
	}
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		host = endpoint
	}
	var hosts []string
	for _, text := range []string{st.getenv("NO_PROXY"), st.getenv("no_proxy"), host} {
		for entry := range strings.SplitSeq(text, ",") {
			if entry = strings.TrimSpace(entry); entry != "" && !slices.Contains(hosts, entry) {
				hosts = append(hosts, entry)
			}
		}
	}
	if slices.Contains(hosts, "*") {
		return "*" // some clients only accept it alone
	}
	return strings.Join(hosts, ",")
}

// shellQuote quotes a word for sh, bash, zsh and fish if needed.
func shellQuote(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".,:_/-", r)
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
