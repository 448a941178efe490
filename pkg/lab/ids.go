package lab

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

func newCommandID() string { return "c-" + randomHex(16) }

func newInvokeID() string { return "t-" + randomHex(16) }

func newFileInvokeID() string { return "f-" + randomHex(16) }

// newRequestID is a version 4 UUID in upper case.
func newRequestID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
