package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The files of a lab's certificate authority, in its data directory.
const (
	authorityFile    = "ca.pem"
	authorityKeyFile = "ca-key.pem"
)

const (
	// certificateBlock is the type of a certificate in a PEM file.
	certificateBlock = "CERTIFICATE"
	authorityYears   = 10
	// authorityOrganization is the organization in the certificates of all labs.
	authorityOrganization = "muster lab"
	// clockTolerance is the time by which the clocks of clients may be behind.
	clockTolerance = time.Hour
)

// AuthorityError reports that the certificate authority in a data directory cannot be used. The lab never replaces one.
type AuthorityError struct {
	Path string // of the file
	Err  error
}

func (e *AuthorityError) Error() string { return fmt.Sprintf("the lab's CA in %s %s", e.Path, e.Err) }

func (e *AuthorityError) Unwrap() error { return e.Err }

// authority is the certificate authority of a lab, which signs the certificates that it serves HTTPS with. Its certificate is
// constrained to names and addresses of local networks, because clients trust it for all connections.
type authority struct {
	path        string // of the certificate
	certificate *x509.Certificate
	key         crypto.Signer
}

// openAuthority returns the authority in a directory. If there is none, it creates one for the given host names and addresses.
func openAuthority(dir string, hosts []string) (*authority, error) {
	path := filepath.Join(dir, authorityFile)
	certificate, certificateErr := os.ReadFile(path)
	key, keyErr := os.ReadFile(filepath.Join(dir, authorityKeyFile))
	switch {
	case errors.Is(certificateErr, fs.ErrNotExist) && errors.Is(keyErr, fs.ErrNotExist):
		return createAuthority(dir, hosts)
	case errors.Is(certificateErr, fs.ErrNotExist):
		return nil, &AuthorityError{path, errors.New("is missing, and its key is there")}
	case errors.Is(keyErr, fs.ErrNotExist):
		return nil, &AuthorityError{path, fmt.Errorf("has no key: %s is missing", authorityKeyFile)}
	case certificateErr != nil:
		return nil, &AuthorityError{path, fmt.Errorf("cannot be read: %w", certificateErr)}
	case keyErr != nil:
		return nil, &AuthorityError{path, fmt.Errorf("has a key that cannot be read: %w", keyErr)}
	}
	a, err := parseAuthority(certificate, key)
	if err != nil {
		return nil, &AuthorityError{path, err}
	}
	a.path = path
	return a, nil
}

// parseAuthority parses the files of an authority, and checks that they belong together and are valid today. Its errors continue
// those of an [AuthorityError], and quote nothing of the key.
func parseAuthority(certificateText, keyText []byte) (*authority, error) {
	a := new(authority)
	var err error
	if block, _ := pem.Decode(certificateText); block == nil {
		return nil, errors.New("is not a certificate")
	} else if a.certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
		return nil, errors.New("is not a certificate")
	}
	block, _ := pem.Decode(keyText)
	if block == nil {
		return nil, fmt.Errorf("has a damaged key in %s", authorityKeyFile)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("has a damaged key in %s", authorityKeyFile)
	}
	a.key = key
	now := time.Now()
	switch {
	case !a.certificate.IsCA:
		return nil, errors.New("is not the certificate of a CA")
	case !key.PublicKey.Equal(a.certificate.PublicKey):
		return nil, fmt.Errorf("has another key than the one in %s", authorityKeyFile)
	case now.After(a.certificate.NotAfter):
		return nil, fmt.Errorf("expired on %s", a.certificate.NotAfter.Format(time.DateOnly))
	case now.Before(a.certificate.NotBefore):
		return nil, fmt.Errorf("is not valid before %s", a.certificate.NotBefore.Format(time.DateOnly))
	}
	return a, nil
}

func createAuthority(dir string, hosts []string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	names, ranges := permitted(hosts)
	now := time.Now()
	certificate, err := sign(&x509.Certificate{
		Subject:                     pkix.Name{Organization: []string{authorityOrganization}, CommonName: "muster lab CA"},
		NotBefore:                   now.Add(-clockTolerance),
		NotAfter:                    now.AddDate(authorityYears, 0, 0),
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         names,
		PermittedIPRanges:           ranges,
	}, nil, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	for _, file := range []struct {
		name, kind string
		text       []byte
		mode       fs.FileMode
	}{{authorityKeyFile, "PRIVATE KEY", secret, 0o600}, {authorityFile, certificateBlock, certificate.Raw, 0o644}} {
		text := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.text})
		if err := replaceFile(filepath.Join(dir, file.name), text, file.mode); err != nil {
			return nil, err
		}
	}
	return &authority{filepath.Join(dir, authorityFile), certificate, key}, nil
}

// sign returns a certificate with a random serial number. Without a parent, it signs itself.
func sign(template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	if parent == nil {
		parent = template
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(raw)
}

// permitted returns what an authority for hosts may sign: the names and addresses themselves, localhost, and the addresses of
// local networks.
func permitted(hosts []string) (names []string, ranges []*net.IPNet) {
	names = []string{"localhost"}
	for _, text := range []string{
		"127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10",
	} {
		if _, network, err := net.ParseCIDR(text); err == nil {
			ranges = append(ranges, network)
		}
	}
	for _, host := range hosts {
		if covered(host, names, ranges) {
			continue
		}
		ip := net.ParseIP(host)
		if ip4 := ip.To4(); ip4 != nil {
			ip = ip4
		}
		switch {
		case ip == nil && isHostName(host):
			names = append(names, host)
		case ip != nil:
			ranges = append(ranges, &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))})
		}
	}
	return names, ranges
}

// isHostName reports whether a certificate may have a name.
func isHostName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		odd := func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
		}
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, odd) {
			return false
		}
	}
	return len(name) <= 253
}

// replaceFile writes a new file as a whole, in place of the one that is there.
func replaceFile(path string, text []byte, mode fs.FileMode) error {
	temporary := path + ".new"
	_ = os.Remove(temporary) // of a lab that was killed
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err == nil {
		_, err = file.Write(text)
		err = errors.Join(err, file.Close())
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
