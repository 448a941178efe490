package agents

import (
	"crypto"
	"crypto/md5"
	"crypto/rsa"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"
)

// The headers that prove the identity of a host.
const (
	headerInstanceID = "X-Acs-Instance-Id"
	headerTimestamp  = "X-Acs-Timestamp"
	headerRequestID  = "X-Acs-Request-Id"
	headerSignature  = "X-Acs-Signature"
)

// proof is the part of a request that proves the identity of its host.
type proof struct {
	instanceID string
	timestamp  string // milliseconds since 1970
	requestID  string
	signature  []byte
}

// readProof reads the proof of a request. It fails if the proof is not complete or not well-formed.
func readProof(h http.Header) (proof, *failure) {
	p := proof{instanceID: h.Get(headerInstanceID), timestamp: h.Get(headerTimestamp), requestID: h.Get(headerRequestID)}
	signature := h.Get(headerSignature)
	switch {
	case p.instanceID == "" && signature == "":
		return p, unproved("The host is not registered.")
	case !wellFormedID(p.instanceID):
		return p, unproved("The instance id is not well-formed.")
	case !made(p.requestID, "-_", 64):
		return p, unproved("The request id is not well-formed.")
	case len(signature) > base64.StdEncoding.EncodedLen(maxKeyBits/8):
		return p, unproved("The signature is too long.")
	}
	var err error
	if p.signature, err = base64.StdEncoding.DecodeString(signature); err != nil {
		return p, unproved("The signature is not Base64.")
	}
	return p, nil
}

// stamp returns the timestamp. It fails if that is too far from now.
func (p proof) stamp(now time.Time) (time.Time, *failure) {
	ms, err := strconv.ParseInt(p.timestamp, 10, 64)
	if err != nil || len(p.timestamp) > 15 {
		return time.Time{}, unproved("The timestamp is not a number of milliseconds.")
	}
	stamp := time.UnixMilli(ms)
	if ahead := stamp.Sub(now); ahead > skew || ahead < -skew {
		return time.Time{}, unproved("The clock of the host is wrong: it shows %s, and the clock of the lab %s.",
			stamp.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return stamp, nil
}

// signedBy reports whether the key of an identity has made the signature. Builds differ in what they sign.
func (p proof) signedBy(id Identity) bool {
	return p.signs(id.MachineId, id.PublicKey) || id.Fingerprint != "" && p.signs(id.Fingerprint, id.PublicKey)
}

func (p proof) signs(host string, key *rsa.PublicKey) bool {
	sum := md5.Sum([]byte(p.instanceID + host + p.timestamp + p.requestID))
	return key != nil && rsa.VerifyPKCS1v15(key, crypto.MD5, sum[:], p.signature) == nil
}

// prove checks the identity of the host that has sent a request, and returns its instance id, as far as it is well-formed.
func prove(s *Server, h http.Header) (instanceID string, _ *failure) {
	p, refused := readProof(h)
	if refused != nil {
		return "", refused
	}
	stamp, refused := p.stamp(time.Now())
	if refused != nil {
		return p.instanceID, refused
	}
	id, known := s.lab.Identity(p.instanceID)
	if !known {
		return p.instanceID, unproved("The instance is unknown to this lab.")
	}
	if !p.signedBy(id) {
		return p.instanceID, unproved("The signature does not match the key of the registration.")
	}
	if !s.nonces.use(p.instanceID, p.requestID, stamp) {
		return p.instanceID, unproved("The request was received before.")
	}
	return p.instanceID, nil
}
