package agents

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// The sizes of RSA keys that may register.
const (
	minKeyBits = 2048
	maxKeyBits = 4096
)

// ParsePublicKey parses [Registration.PublicKey]. It fails for anything else than an RSA key of 2048 to 4096 bits with a usual exponent.
func ParsePublicKey(der []byte) (*rsa.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("the public key cannot be read")
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the public key is not an RSA key")
	}
	if bits := key.N.BitLen(); bits < minKeyBits || bits > maxKeyBits {
		return nil, fmt.Errorf("the public key has %d bits: only %d to %d are allowed", bits, minKeyBits, maxKeyBits)
	}
	if key.N.Bit(0) == 0 || key.E < 65537 || key.E%2 == 0 {
		return nil, errors.New("the public key has an unusual modulus or exponent")
	}
	return key, nil
}

// decodePublicKey returns the DER form of the publicKey of a registration, which is PEM in Base64.
func decodePublicKey(encoded string) ([]byte, error) {
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("the public key is not Base64")
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" || strings.TrimSpace(string(rest)) != "" {
		return nil, errors.New("the public key is not one PEM block")
	}
	if _, err := ParsePublicKey(block.Bytes); err != nil {
		return nil, err
	}
	return block.Bytes, nil
}
