package lab

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAuthority opens an authority twice, and verifies its certificates.
func TestAuthority(t *testing.T) {
	dir := t.TempDir()
	first := openedAuthority(t, dir, "lab", "my_lab-2.example", ".", "-", "a..b", "lab.", "世界", "203.0.113.7", "2001:db8::7")
	again := openedAuthority(t, dir)
	if !first.certificate.Equal(again.certificate) {
		t.Error("the authority was replaced")
	}
	if info, err := os.Stat(filepath.Join(dir, authorityKeyFile)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	hosts := []string{"localhost", "127.0.0.1", "::1", "10.1.2.3", "lab", "LAB", "my_lab-2.example", "203.0.113.7", "2001:db8::7"}
	issued, err := again.issue(hosts)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(first.certificate)
	for _, host := range hosts {
		if _, err := issued.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host}); err != nil {
			t.Error(host, err)
		}
	}
	if left := time.Until(issued.Leaf.NotAfter); left < 364*24*time.Hour || left > 367*24*time.Hour {
		t.Errorf("the certificate is valid for %v", left)
	}

	for _, host := range []string{"ecs-cn-hangzhou.aliyuncs.com", "ab", "xlab", ".", "a..b", ".lab", "lab.", "世界", "8.8.8.8", "203.0.113.8", "2001:db8::8"} {
		_, err := again.issue([]string{"localhost", host})
		if refused, ok := errors.AsType[*AuthorityError](err); !ok || !strings.Contains(refused.Error(), host) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// TestAuthorityIsConstrained verifies that a certificate for another host has no effect if somebody signs one with the key.
func TestAuthorityIsConstrained(t *testing.T) {
	a := openedAuthority(t, t.TempDir(), "lab")
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	forged := *a
	certificate := *a.certificate
	certificate.PermittedDNSDomains, certificate.PermittedIPRanges = permitted([]string{"example.com", "8.8.8.8"})
	forged.certificate = &certificate
	for _, host := range []string{"example.com", "8.8.8.8"} {
		leaf, err := forged.issue([]string{host})
		if err != nil {
			t.Fatal(err)
		}
		_, err = leaf.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host})
		if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); !ok || invalid.Reason != x509.CANotAuthorizedForThisName {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// TestDamagedAuthority opens authorities that cannot be used. They are never replaced.
func TestDamagedAuthority(t *testing.T) {
	other := t.TempDir()
	openedAuthority(t, other)
	otherKey, err := os.ReadFile(filepath.Join(other, authorityKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := sign(&x509.Certificate{NotAfter: time.Now().Add(time.Hour)}, nil, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leafText := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw})
	for _, c := range []struct {
		file string
		text []byte // nil: it is removed
		want string
	}{
		{authorityFile, nil, "is missing, and its key is there"},
		{authorityKeyFile, nil, "has no key: ca-key.pem is missing"},
		{authorityFile, []byte(""), "is not a certificate"},
		{authorityFile, []byte("-----BEGIN CERTIFICATE-----\naGk=\n-----END CERTIFICATE-----\n"), "is not a certificate"},
		{authorityFile, leafText, "is not the certificate of a CA"},
		{authorityKeyFile, []byte("text"), "has a damaged key in ca-key.pem"},
		{authorityKeyFile, []byte("-----BEGIN PRIVATE KEY-----\naGk=\n-----END PRIVATE KEY-----\n"), "has a damaged key in ca-key.pem"},
		{authorityKeyFile, otherKey, "has another key than the one in ca-key.pem"},
	} {
		dir := t.TempDir()
		openedAuthority(t, dir)
		path := filepath.Join(dir, c.file)
		if c.text == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, c.text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err := openAuthority(dir, nil)
		if refused, ok := errors.AsType[*AuthorityError](err); !ok || refused.Error() != "the lab's CA in "+filepath.Join(dir, authorityFile)+" "+c.want {
			t.Errorf("%s: %v", c.want, err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, c.text) {
			t.Errorf("%s: %s was replaced", c.want, c.file)
		}
	}
}

// TestExpiredAuthority opens an authority in its last days and after its end.
func TestExpiredAuthority(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := openedAuthority(t, dir)
		time.Sleep(time.Until(a.certificate.NotAfter) - time.Hour)
		issued, err := openedAuthority(t, dir).issue([]string{"localhost"})
		if err != nil || !issued.Leaf.NotAfter.Equal(a.certificate.NotAfter) {
			t.Errorf("%v, %v", issued.Leaf.NotAfter, err)
		}
		time.Sleep(2 * time.Hour)
		_, err = openAuthority(dir, nil)
		if refused, ok := errors.AsType[*AuthorityError](err); !ok || !strings.Contains(refused.Error(), " expired on 20") {
			t.Error(err)
		}
	})
}

// TestTrustedCertificates verifies that a lab trusts what its environment does, and no authority of another lab.
func TestTrustedCertificates(t *testing.T) {
	dir := t.TempDir()
	a, other := openedAuthority(t, dir), openedAuthority(t, t.TempDir())
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	company, err := sign(&x509.Certificate{NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}, nil, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("# a comment\n")
	for _, certificate := range []*x509.Certificate{company, other.certificate, a.certificate, company} {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})...)
	}
	path := filepath.Join(dir, "company.pem")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	trusted := a.trustedCertificates(func(name string) string {
		return map[string]string{"SSL_CERT_FILE": path, "CURL_CA_BUNDLE": path, "NODE_EXTRA_CA_CERTS": "missing"}[name]
	})
	for block, rest := pem.Decode(trusted); block != nil; block, rest = pem.Decode(rest) {
		count[string(block.Bytes)]++
	}
	for certificate, want := range map[*x509.Certificate]int{company: 1, a.certificate: 1, other.certificate: 0} {
		if got := count[string(certificate.Raw)]; got != want {
			t.Errorf("%s: %d times, want %d", certificate.Subject, got, want)
		}
	}
}

func openedAuthority(t *testing.T, dir string, hosts ...string) *authority {
	t.Helper()
	a, err := openAuthority(dir, hosts)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func FuzzParseAuthority(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\naGk=\n-----END CERTIFICATE-----\n"), []byte("-----BEGIN PRIVATE KEY-----\naGk=\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, certificate, key []byte) {
		if a, err := parseAuthority(certificate, key); (a == nil) != (err != nil) {
			t.Error(a, err)
		}
	})
}
