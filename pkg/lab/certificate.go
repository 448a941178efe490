package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// certificateYears is how long a certificate of a lab is valid. The lab makes one at each start.
const certificateYears = 1

// issue returns a certificate for host names and addresses. The error is an [AuthorityError] if the authority may not sign one.
func (a *authority) issue(hosts []string) (*tls.Certificate, error) {
	for _, host := range hosts {
		if !a.permits(host) {
			return nil, &AuthorityError{a.path, fmt.Errorf("may not sign certificates for %q", host)}
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:     pkix.Name{Organization: []string{authorityOrganization}, CommonName: "localhost"},
		NotBefore:   now.Add(-clockTolerance),
		NotAfter:    now.AddDate(certificateYears, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if template.NotAfter.After(a.certificate.NotAfter) {
		template.NotAfter = a.certificate.NotAfter
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	leaf, err := sign(template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// permits reports whether the authority may sign a host name or address.
func (a *authority) permits(host string) bool {
	return covered(host, a.certificate.PermittedDNSDomains, a.certificate.PermittedIPRanges)
}

func covered(host string, domains []string, ranges []*net.IPNet) bool {
	if ip := net.ParseIP(host); ip != nil {
		return slices.ContainsFunc(ranges, func(network *net.IPNet) bool { return network.Contains(ip) })
	}
	host = strings.ToLower(host)
	return isHostName(host) && slices.ContainsFunc(domains, func(domain string) bool {
		domain = strings.ToLower(domain)
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}
