package lab

import (
	"bytes"
	"encoding/pem"
	"os"
)

// trustedFile is the file with the certificates that the system trusts and that of the lab's authority. Programs that read their
// trusted certificates from a file read no other.
const trustedFile = "ca-bundle.pem"

// systemFiles are the files in which systems store the certificates that they trust, as package crypto/x509 and curl look for them.
func systemFiles() []string {
	return []string{
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
		"/usr/local/etc/ssl/cert.pem",
	}
}

// trustedCertificates returns the certificates that programs of this environment trust, followed by that of the authority. The
// certificates of other labs are left out.
func (a *authority) trustedCertificates(getenv func(string) string) []byte {
	var files [][]byte
	for _, name := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
		if text, err := os.ReadFile(getenv(name)); err == nil {
			files = append(files, text)
		}
	}
	for _, name := range systemFiles() {
		if text, err := os.ReadFile(name); err == nil {
			files = append(files, text)
			break
		}
	}
	var all bytes.Buffer
	seen := map[string]bool{}
	add := func(certificate []byte) {
		if !seen[string(certificate)] {
			seen[string(certificate)] = true
			_ = pem.Encode(&all, &pem.Block{Type: certificateBlock, Bytes: certificate}) // a Buffer returns no error
		}
	}
	for _, text := range files {
		for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
			if block.Type == certificateBlock && !bytes.Contains(block.Bytes, []byte(authorityOrganization)) {
				add(block.Bytes)
			}
		}
	}
	add(a.certificate.Raw)
	return all.Bytes()
}
