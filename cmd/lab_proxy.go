package cmd

import (
	"net"
	"slices"
	"strings"
)

// noProxy is what NO_PROXY has to be for clients that reach a lab and would take a proxy: the value that it has, and the lab's
// host. It is empty where the environment has no proxy. Not all clients leave loopback addresses out by themselves.
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
		return "*" // which some clients only understand alone
	}
	return strings.Join(hosts, ",")
}

// shellWord quotes a word for sh, bash, zsh and fish where it needs that.
func shellWord(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".,:_/-", r)
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
