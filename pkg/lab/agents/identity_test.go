package agents

import (
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestVector compares with signatures that openssl has made.
func TestVector(t *testing.T) {
	text, err := os.ReadFile("testdata/identity.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ InstanceId, MachineId, Fingerprint, Timestamp, RequestId, PublicKey, SignatureOfMachineId, SignatureOfFingerprint string }
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	der, err := decodePublicKey(v.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	both, old := Identity{v.MachineId, v.Fingerprint, key}, Identity{v.MachineId, "", key}
	for _, c := range []struct {
		name      string
		signature string
		id        Identity
		want      bool
	}{
		{"machine id", v.SignatureOfMachineId, both, true},
		{"machine id, no fingerprint", v.SignatureOfMachineId, old, true},
		{"fingerprint", v.SignatureOfFingerprint, both, true},
		{"fingerprint, unknown", v.SignatureOfFingerprint, old, false},
		{"another machine id", v.SignatureOfMachineId, Identity{"another", "", key}, false},
	} {
		p, refused := readProof(http.Header{
			headerInstanceID: {v.InstanceId}, headerTimestamp: {v.Timestamp}, headerRequestID: {v.RequestId}, headerSignature: {c.signature},
		})
		if refused != nil {
			t.Fatal(refused)
		}
		if got := p.signedBy(c.id); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// signed returns a request of a host with the test's key.
func signed(t *testing.T, instanceID, machineID, requestID string, at time.Time) *http.Request {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	return signedWith(t, key, instanceID, machineID, requestID, at)
}

func signedWith(t *testing.T, key *rsa.PrivateKey, instanceID, machineID, requestID string, at time.Time) *http.Request {
	t.Helper()
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	sum := md5.Sum([]byte(instanceID + machineID + stamp + requestID))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.MD5, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/luban/api/heart-beat", nil)
	r.Header.Set("x-acs-instance-id", instanceID)
	r.Header.Set("x-acs-timestamp", stamp)
	r.Header.Set("x-acs-request-id", requestID)
	r.Header.Set("x-acs-signature", base64.StdEncoding.EncodeToString(signature))
	return r
}

// directServer returns a server without listener, with one registered host.
func directServer(t *testing.T) (s *Server, lab *memoryLab) {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	lab = newMemoryLab()
	lab.hosts["mi-1"] = &memoryHost{identity: Identity{MachineId: "machine", Fingerprint: "finger", PublicKey: &key.PublicKey}}
	s = New(lab, Options{})
	t.Cleanup(s.Close)
	return s, lab
}

// errMsg returns the status and errMsg of the answer to a request.
func errMsg(t *testing.T, s *Server, r *http.Request) (status int, text string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var body struct{ ErrMsg string }
	if w.Header().Get("Content-Type") != "application/json; charset=utf-8" || json.Unmarshal(w.Body.Bytes(), &body) != nil {
		t.Errorf("%s answered %q", r.URL.Path, w.Body)
	}
	return w.Code, body.ErrMsg
}

func TestIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := directServer(t)
		now := time.Now()
		changed := func(name, value string) func() *http.Request {
			return func() *http.Request {
				r := signed(t, "mi-1", "machine", "request-"+name, now)
				if r.Header.Set(name, value); value == "" {
					r.Header.Del(name)
				}
				return r
			}
		}
		for _, c := range []struct {
			name    string
			request func() *http.Request
			status  int
			errMsg  string
		}{
			{"machine id", func() *http.Request { return signed(t, "mi-1", "machine", "r-1", now) }, 200, ""},
			{"fingerprint", func() *http.Request { return signed(t, "mi-1", "finger", "r-2", now) }, 200, ""},
			{"replay", func() *http.Request { return signed(t, "mi-1", "machine", "r-1", now) }, 401, "The request was received before."},
			{"clock 14 minutes ahead", func() *http.Request { return signed(t, "mi-1", "machine", "r-3", now.Add(14*time.Minute)) }, 200, ""},
			{"clock 14 minutes behind", func() *http.Request { return signed(t, "mi-1", "machine", "r-4", now.Add(-14*time.Minute)) }, 200, ""},
			{"clock 16 minutes ahead", func() *http.Request { return signed(t, "mi-1", "machine", "r-5", now.Add(16*time.Minute)) }, 401,
				"The clock of the host is wrong: it shows 2000-01-01T00:16:00Z, and the clock of the lab 2000-01-01T00:00:00Z."},
			{"clock 16 minutes behind", func() *http.Request { return signed(t, "mi-1", "machine", "r-6", now.Add(-16*time.Minute)) }, 401,
				"The clock of the host is wrong: it shows 1999-12-31T23:44:00Z, and the clock of the lab 2000-01-01T00:00:00Z."},
			{"unknown", func() *http.Request { return signed(t, "mi-2", "machine", "r-7", now) }, 401, "The instance is unknown to this lab."},
			{"another machine id", func() *http.Request { return signed(t, "mi-1", "other", "r-8", now) }, 401, "The signature does not match the key of the registration."},
			{"no headers", func() *http.Request {
				return httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/luban/api/heart-beat", nil)
			}, 401, "The host is not registered."},
			{"no instance id", changed("x-acs-instance-id", ""), 401, "The instance id is not well-formed."},
			{"no timestamp", changed("x-acs-timestamp", ""), 401, "The timestamp is not a number of milliseconds."},
			{"no request id", changed("x-acs-request-id", ""), 401, "The request id is not well-formed."},
			{"no signature", changed("x-acs-signature", ""), 401, "The signature does not match the key of the registration."},
			{"huge timestamp", changed("x-acs-timestamp", "9223372036854775807"), 401, "The timestamp is not a number of milliseconds."},
			{"negative timestamp", changed("x-acs-timestamp", "-1"), 401,
				"The clock of the host is wrong: it shows 1969-12-31T23:59:59Z, and the clock of the lab 2000-01-01T00:00:00Z."},
			{"signature no Base64", changed("x-acs-signature", "%%%"), 401, "The signature is not Base64."},
			{"long signature", changed("x-acs-signature", strings.Repeat("A", 10_000)), 401, "The signature is too long."},
			{"another signature", changed("x-acs-signature", base64.StdEncoding.EncodeToString(make([]byte, 256))), 401,
				"The signature does not match the key of the registration."},
			{"another request id", changed("x-acs-request-id", "r-9"), 401, "The signature does not match the key of the registration."},
			{"forbidden instance id", changed("x-acs-instance-id", "../mi-1"), 401, "The instance id is not well-formed."},
			{"forged request did not use up the nonce", func() *http.Request { return signed(t, "mi-1", "machine", "r-8", now) }, 200, ""},
		} {
			if status, text := errMsg(t, s, c.request()); status != c.status || text != c.errMsg {
				t.Errorf("%s: got %d %q", c.name, status, text)
			}
		}
	})
}

// TestAnonymousEndpoints tests that only registering, and the check of the connection, need no identity.
func TestAnonymousEndpoints(t *testing.T) {
	s, _ := directServer(t)
	for path, e := range s.endpoints {
		want := path == "/luban/api/instance/register" || path == "/luban/api/connection_detect"
		if e.anonymous != want {
			t.Errorf("%s: anonymous is %v", path, e.anonymous)
		}
		if want {
			continue
		}
		if status, _ := errMsg(t, s, httptest.NewRequestWithContext(t.Context(), e.method, path, nil)); status != http.StatusUnauthorized {
			t.Errorf("%s answered %d", path, status)
		}
	}
}

func TestNonces(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	n := newNonces(func() time.Time { return now })
	use := func(host, id string, stamp time.Time, want bool) {
		t.Helper()
		if got := n.use(host, id, stamp); got != want {
			t.Errorf("%s of %s: got %v", id, host, got)
		}
	}
	use("a", "1", now, true)
	use("a", "1", now, false)
	use("b", "1", now, true)
	use("a", "old", now.Add(-skew), true)
	ahead := now.Add(skew)
	use("a", "ahead", ahead, true)
	now = now.Add(skew + time.Minute)
	use("a", "ahead", ahead, false) // still valid, still known
	use("a", "2", now, true)
	if len(n.hosts["a"].used) != 2 || n.hosts["b"] != nil {
		t.Errorf("expired nonces are kept: %v", n.hosts)
	}

	for i := range 3 * maxNonces {
		use("a", fmt.Sprint("many", i), now.Add(time.Duration(i)*time.Millisecond), true)
	}
	if got := len(n.hosts["a"].used); got > maxNonces {
		t.Errorf("%d nonces are kept", got)
	}
	use("a", "many0", now, false)  // forgotten, and so too old
	use("a", "unused", now, false) // as old
	use("b", "unused", now, true)  // of another host
	use("a", fmt.Sprint("many", 3*maxNonces-1), now.Add((3*maxNonces-1)*time.Millisecond), false)
}

func TestPublicKeys(t *testing.T) {
	good, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak := good.PublicKey
	weak.E = 3
	even := good.PublicKey
	even.E = 65538
	for name, c := range map[string]struct {
		key  any
		want string
	}{
		"good":  {&good.PublicKey, ""},
		"small": {&small.PublicKey, "the public key has 1024 bits: only 2048 to 4096 are allowed"},
		"weak":  {&weak, "the public key has an unusual modulus or exponent"},
		"even":  {&even, "the public key has an unusual modulus or exponent"},
	} {
		_, err := decodePublicKey(encodedKey(t, c.key))
		if got := fmt.Sprint(err); err != nil && got != c.want || err == nil && c.want != "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
