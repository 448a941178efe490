package lab

import (
	"crypto/tls"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
)

// tlsFiles are the files with which clients of a lab verify its certificate. They are empty without TLS.
type tlsFiles struct {
	authority string // the certificate of its authority
	trusted   string // that one and those that the system trusts
}

// CAFile returns the path of the certificate that clients must trust, or "" for a lab without TLS.
func (s *Server) CAFile() string { return s.files.authority }

// CABundleFile returns the path of a file with that certificate and those that the system trusts, or "" for a lab without TLS.
func (s *Server) CABundleFile() string { return s.files.trusted }

// hosts returns the names and addresses by which clients may call the server: those that were asked for, and those that may be
// left out of its certificate.
func (s *Server) hosts(addr string, allowed hostNames) (required, optional []string) {
	required = append([]string{"localhost", "127.0.0.1", "::1"}, allowed...)
	for _, address := range []string{addr, s.endpoint} {
		if host, _, err := net.SplitHostPort(address); err == nil && host != "" {
			if ip, err := netip.ParseAddr(host); err != nil || !ip.IsUnspecified() {
				required = append(required, host)
			}
		}
	}
	for _, name := range hostNamesOf(addr) {
		if !slices.Contains(required, name) {
			optional = append(optional, name)
		}
	}
	slices.Sort(required)
	return slices.Compact(required), optional
}

// secure returns the TLS configuration of a server, and writes the files for its clients to a directory, which keeps the authority.
// The optional hosts are left out of the certificate if the authority may not sign them: in a container, they change at each
// start.
func secure(dir string, required, optional []string) (*tls.Config, tlsFiles, error) {
	files := tlsFiles{filepath.Join(dir, authorityFile), filepath.Join(dir, trustedFile)}
	ca, err := openAuthority(dir, slices.Concat(required, optional))
	if err != nil {
		return nil, files, err
	}
	optional = slices.DeleteFunc(optional, func(host string) bool { return !ca.permits(host) })
	certificate, err := ca.issue(append(required, optional...))
	if err != nil {
		return nil, files, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	return config, files, replaceFile(files.trusted, ca.trustedCertificates(os.Getenv), 0o644)
}
