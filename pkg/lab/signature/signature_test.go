package signature

import (
	"bufio"
	"bytes"
	"cmp"
	crand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// vector is a request of an official client, as recorded on the wire.
type vector struct {
	Kind, Method, Target    string
	Headers                 map[string]string
	Body, Signature, Secret string
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	f, err := os.Open("testdata/signatures.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var vectors []vector
	for d := json.NewDecoder(f); d.More(); {
		var v vector
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, v)
	}
	if len(vectors) == 0 {
		t.Fatal("no vectors")
	}
	return vectors
}

// received is a request with its parameters and body read, as in the handler, and the secret of its key.
type received struct {
	*http.Request
	params url.Values
	body   []byte
	secret string
}

func (v vector) receive(t interface{ Fatal(...any) }) *received {
	var wire bytes.Buffer
	fmt.Fprintf(&wire, "%s %s HTTP/1.1\r\n", v.Method, v.Target)
	for name, value := range v.Headers {
		if name != "content-length" {
			fmt.Fprintf(&wire, "%s: %s\r\n", name, value)
		}
	}
	fmt.Fprintf(&wire, "content-length: %d\r\n\r\n%s", len(v.Body), v.Body)
	r, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := r.ParseForm(); err != nil {
		t.Fatal(err)
	}
	return &received{r, r.Form, body, v.Secret}
}

func (r *received) verify(keys ...Key) (string, *assist.Error) {
	if keys == nil {
		keys = []Key{{Id: "AKTEST", Secret: r.secret}}
	}
	return Verify(r.Request, r.params, r.body, func(id string) (Key, bool) {
		i := slices.IndexFunc(keys, func(k Key) bool { return k.Id == id })
		if i < 0 {
			return Key{}, false
		}
		return keys[i], true
	})
}

func (r *received) setQuery(q url.Values) {
	r.URL.RawQuery = q.Encode()
	r.Form, r.PostForm = nil, nil
	r.Body = io.NopCloser(bytes.NewReader(r.body))
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	r.params = r.Form
}

// signV1 signs the request as a client does, with the key AKTEST.
func (r *received) signV1() {
	q := r.URL.Query()
	q.Set("Signature", SignV1(r.secret, r.Method, r.URL, r.params))
	r.setQuery(q)
}

// signV3 signs the request as a client does, with the key AKTEST.
func (r *received) signV3() {
	r.Header.Set("x-acs-content-sha256", HashBody(r.body))
	signed := []string{"host"}
	if len(r.body) > 0 {
		signed = append(signed, "content-type")
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Acs-") {
			signed = append(signed, strings.ToLower(name))
		}
	}
	slices.Sort(signed)
	r.Header.Set("Authorization", SignV3(Key{"AKTEST", r.secret}, r.Request, r.URL.Query(), signed, HashBody(r.body)))
}

func resigned(t testing.TB, v vector) *received {
	r := v.receive(t)
	if v.Kind == "v3" {
		r.signV3()
	} else {
		q := r.URL.Query()
		q.Del("Signature")
		r.setQuery(q)
		r.signV1()
	}
	return r
}

func TestOfficialRequestsVerify(t *testing.T) {
	for i, v := range readVectors(t) {
		r := v.receive(t)
		id, err := r.verify()
		if err != nil || id != "AKTEST" {
			t.Errorf("vector %d: got %q, %v", i, id, err)
		}
		nonce, stamp, err := Nonce(r.Request, r.params)
		if err != nil || nonce == "" || stamp.Year() != 2026 {
			t.Errorf("vector %d: nonce %q, stamp %v, %v", i, nonce, stamp, err)
		}
		if again, err := resigned(t, v).verify(); err != nil || again != id {
			t.Errorf("vector %d signed again: %q, %v", i, again, err)
		}
	}
}

func TestParametersInForm(t *testing.T) {
	for i, v := range readVectors(t) {
		if v.Kind != "v1" || v.Method != http.MethodPost {
			continue
		}
		_, v.Body, _ = strings.Cut(v.Target, "?")
		v.Headers["content-type"] = "application/x-www-form-urlencoded"
		both := v
		v.Target = "/"
		if _, err := v.receive(t).verify(); err != nil {
			t.Errorf("vector %d, form alone: %v", i, err)
		}
		if _, err := both.receive(t).verify(); err != nil {
			t.Errorf("vector %d, query and form: %v", i, err)
		}
	}
}

// TestAnyChangeIsRefused changes one byte of a random part that the signature covers.
func TestAnyChangeIsRefused(t *testing.T) {
	vectors := readVectors(t)
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(vectors).Draw(t, "vector")
		r := v.receive(t)
		change := func(s string) string {
			if s == "" {
				return string(rapid.Byte().Draw(t, "new byte"))
			}
			i := rapid.IntRange(0, len(s)-1).Draw(t, "at")
			with := rapid.Byte().Filter(func(b byte) bool { return b != s[i] }).Draw(t, "new byte")
			return s[:i] + string([]byte{with}) + s[i+1:]
		}
		parts := []string{"value", "name", "new value", "method", "path", "secret", "body", "signature"}
		if v.Kind == "v3" {
			parts = append(parts, "signed header", "host", "one header fewer")
		}
		switch part := rapid.SampledFrom(parts).Draw(t, "part"); part {
		case "value", "name", "new value":
			q := r.URL.Query()
			name := rapid.SampledFrom(slices.Sorted(keysOf(q))).Draw(t, "name")
			switch part {
			case "value":
				q.Set(name, change(q.Get(name)))
			case "name":
				value := q.Get(name)
				q.Del(name)
				q.Set(change(name), value)
			case "new value":
				q.Add(name, change(q.Get(name)))
			}
			r.setQuery(q)
		case "method":
			r.Method = change(r.Method)
		case "path":
			r.URL.Path = change(r.URL.Path)
		case "secret":
			r.secret = change(r.secret)
		case "body":
			if v.Kind == "v1" {
				t.Skip("these have no body: forms are parameters")
			}
			r.body = []byte(change(string(r.body)))
		case "signature":
			if v.Kind == "v1" {
				r.params.Set("Signature", change(r.params.Get("Signature")))
				break
			}
			auth, old, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", auth+"Signature="+change(old))
		case "host":
			r.Host = change(r.Host)
		case "signed header":
			name := rapid.SampledFrom(signedNames(r)).Draw(t, "header")
			r.Header.Set(name, change(r.Header.Get(name)))
		case "one header fewer":
			name := rapid.SampledFrom(signedNames(r)).Draw(t, "header")
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), ";"+name, "", 1))
		}
		if id, err := r.verify(); err == nil {
			t.Fatalf("accepted as %q", id)
		}
	})
}

func keysOf(q url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range q {
			if !yield(k) {
				return
			}
		}
	}
}

func signedNames(r *received) []string {
	auth, _ := parseAuthorization(r.Header.Get("Authorization"))
	return slices.DeleteFunc(auth.signedHeaders, func(name string) bool { return name == "host" || name == "content-type" })
}

func TestHeadersThatMustBeSigned(t *testing.T) {
	withForm := readVectors(t)[1]
	for _, name := range []string{"host", "content-type", "x-acs-action", "x-acs-version"} {
		r := withForm.receive(t)
		auth, _ := parseAuthorization(r.Header.Get("Authorization"))
		signed := slices.DeleteFunc(auth.signedHeaders, func(s string) bool { return s == name })
		r.Header.Set("Authorization", SignV3(Key{"AKTEST", r.secret}, r.Request, r.URL.Query(), signed, HashBody(r.body)))
		wantRefusal(t, r, "IncompleteSignature", 400)
	}
	r := withForm.receive(t)
	r.Header.Set("x-acs-later", "1")
	wantRefusal(t, r, "IncompleteSignature", 400)
}

func TestHostsAndMethods(t *testing.T) {
	vectors := readVectors(t)
	long := strings.Repeat("echo 'a+b ~ * é'\n", 1500)
	for _, base := range []vector{vectors[0], vectors[2]} {
		for _, host := range []string{"localhost", "127.0.0.1:9", "[::1]:18080"} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				v := base
				v.Method = method
				r := v.receive(t)
				r.Host = host
				q := r.URL.Query()
				q.Set("CommandContent", long)
				q.Set("ResourceTag.1.Value", "")
				q.Del("Signature")
				r.setQuery(q)
				if len(r.URL.RawQuery) < 30000 {
					t.Fatalf("the URL has only %d bytes", len(r.URL.RawQuery))
				}
				if v.Kind == "v3" {
					r.signV3()
				} else {
					r.signV1()
				}
				if _, err := r.verify(); err != nil {
					t.Errorf("%s %s %s: %v", v.Kind, method, host, err.Code)
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	vectors := readVectors(t)
	v3, v1 := vectors[0], vectors[2]

	r := v3.receive(t)
	r.secret = "other"
	message := wantRefusal(t, r, "SignatureDoesNotMatch", 400)
	if want := "server string to sign is:ACS3-HMAC-SHA256\n"; !strings.Contains(message, want) {
		t.Errorf("%q lacks %q", message, want)
	}
	r = v1.receive(t)
	r.secret = "other"
	message = wantRefusal(t, r, "SignatureDoesNotMatch", 400)
	if want := "server string to sign is:" + stringToSignV1(r.Method, r.URL, r.params); !strings.HasSuffix(message, want) {
		t.Errorf("%q does not end with %q", message, want)
	}

	for _, v := range []vector{v3, v1} {
		r := v.receive(t)
		if _, err := r.verify(Key{Id: "another", Secret: r.secret}); err == nil || err.Code != "InvalidAccessKeyId.NotFound" || err.HTTPStatus != 404 {
			t.Errorf("%s, unknown key: %v", v.Kind, err)
		}
	}

	for name, code := range map[string]string{
		"AccessKeyId": "MissingParameter.AccessKeyId", "Signature": "MissingParameter.Signature",
		"SignatureNonce": "MissingParameter.SignatureNonce", "Timestamp": "MissingParameter.Timestamp",
		"SignatureMethod": "MissingParameter.SignatureMethod", "SignatureVersion": "MissingParameter.SignatureVersion",
	} {
		r := v1.receive(t)
		r.params.Del(name)
		wantRefusal(t, r, code, 400)
	}
	for _, name := range []string{"x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} {
		r := v3.receive(t)
		r.Header.Del(name)
		wantRefusal(t, r, "MissingParameter."+name, 400)
	}
	for header, code := range map[string]string{
		"ACS3-HMAC-SM3 Credential=AKTEST,SignedHeaders=host,Signature=00": "InvalidSignatureMethod",
		"ACS3-HMAC-SHA256": "IncompleteSignature",
		"ACS3-HMAC-SHA256 Credential=AKTEST,SignedHeaders=host":        "IncompleteSignature",
		"ACS3-HMAC-SHA256 Credential=AKTEST,Signature=00":              "IncompleteSignature",
		"ACS3-HMAC-SHA256 SignedHeaders=host,Signature=00":             "IncompleteSignature",
		"ACS3-HMAC-SHA256 Credential=AKTEST,SignedHeaders=,Signature=": "IncompleteSignature",
		"Basic YTpi": "MissingParameter.AccessKeyId",
	} {
		r := v3.receive(t)
		r.Header.Set("Authorization", header)
		wantRefusal(t, r, code, 400)
	}
}

func TestNonce(t *testing.T) {
	vectors := readVectors(t)
	r := vectors[0].receive(t)
	r.Header.Set("x-acs-date", "2026-11-21 19:31:31")
	if _, _, err := Nonce(r.Request, r.params); codeOf(err) != "InvalidTimeStamp.Format" {
		t.Error(err)
	}
	r.Header.Del("x-acs-date")
	if _, _, err := Nonce(r.Request, r.params); codeOf(err) != "MissingParameter.x-acs-date" {
		t.Error(err)
	}
	r = vectors[2].receive(t)
	nonce, stamp, err := Nonce(r.Request, r.params)
	if want := time.Date(2026, 11, 21, 19, 31, 31, 0, time.UTC); err != nil || !stamp.Equal(want) || nonce != "c8b5b202bba430068e9f6b5da4aaf392" {
		t.Error(nonce, stamp, err)
	}
	r.params.Del("SignatureNonce")
	if _, _, err := Nonce(r.Request, r.params); codeOf(err) != "MissingParameter.SignatureNonce" {
		t.Error(err)
	}
}

func wantRefusal(t *testing.T, r *received, code string, status int) (message string) {
	t.Helper()
	_, err := r.verify()
	if err == nil || err.Code != code || err.HTTPStatus != status {
		t.Fatalf("got %v, want %s with HTTP %d", err, code, status)
	}
	return err.Message
}

func codeOf(err *assist.Error) string {
	if err == nil {
		return ""
	}
	return err.Code
}

// FuzzVerify verifies arbitrary requests. Their signatures must not match, since the secret is random.
func FuzzVerify(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(v.Method, v.Target, v.Headers["host"], v.Headers["authorization"], v.Headers["x-acs-content-sha256"], v.Headers["x-acs-security-token"], []byte(v.Body))
	}
	f.Fuzz(func(t *testing.T, method, target, host, auth, hash, token string, body []byte) {
		u, err := url.ParseRequestURI(cmp.Or(target, "/"))
		if err != nil {
			t.Skip()
		}
		r := &http.Request{Method: method, URL: u, Host: host, Header: http.Header{}}
		for name, value := range map[string]string{
			"Authorization": auth, "Content-Type": "application/x-www-form-urlencoded", "X-Acs-Content-Sha256": hash,
			"X-Acs-Security-Token": token, "X-Acs-Date": "2026-11-21T19:31:31Z", "X-Acs-Signature-Nonce": "n",
		} {
			if value != "" { // even an empty header would have to be signed
				r.Header.Set(name, value)
			}
		}
		params := u.Query()
		secret := crand.Text()
		id, refused := Verify(r, params, body, func(id string) (Key, bool) { return Key{Id: id, Secret: secret}, true })
		if refused == nil || id != "" {
			t.Fatalf("accepted as %q", id)
		}
		_, _, _ = Nonce(r, params)
	})
}
