//go:build unix

package lab

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// independentClient is a client that signs as the service's documentation describes. It shares no code with the lab or muster.
type independentClient struct {
	t        *testing.T
	endpoint string
	scheme   string
	http     *http.Client
	id       string
	secret   string
	token    string // the SecurityToken of temporary keys
	v3       bool
	method   string
	paramsIn string // where the parameters are: query, form or both
	format   string
	encode   func(string) string // encodes names and values on the wire
	now      time.Time
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"

// rfc3986 encodes s in the way that both signatures require. Some clients encode in other ways on the wire, such as lowerHex and
// formLike.
func rfc3986(s string) string { return escape(s, unreserved, "%%%02X") }

func lowerHex(s string) string { return escape(s, unreserved+"*'()!/:,;@$", "%%%02x") }

func formLike(s string) string {
	return strings.ReplaceAll(escape(s, strings.TrimSuffix(unreserved, "~")+"* ", "%%%02X"), " ", "+")
}

func escape(s, plain, form string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, form, c)
		}
	}
	return b.String()
}

// joined returns the sorted parameters, encoded, in the form of a query.
func joined(params map[string]string, encode func(string) string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		pairs = append(pairs, encode(name)+"="+encode(params[name]))
	}
	return strings.Join(pairs, "&")
}

// request returns a signed request and its string to sign. change may modify the parameters and headers before they are signed.
func (c *independentClient) request(action string, params map[string]string, change func(params, header map[string]string)) (r *http.Request, toSign string) {
	version := "2014-05-26"
	if action == "AssumeRole" || action == "GetCallerIdentity" {
		version = "2015-04-01"
	}
	common := map[string]string{"Action": action, "Version": version, "Format": c.format}
	header := map[string]string{}
	stamp, nonce := c.now.UTC().Format("2006-01-02T15:04:05Z"), rand.Text()
	if c.v3 {
		common = map[string]string{"Format": c.format}
		header = map[string]string{
			"host": c.endpoint, "x-acs-action": action, "x-acs-version": version, "x-acs-date": stamp, "x-acs-signature-nonce": nonce,
		}
		if c.token != "" {
			header["x-acs-security-token"], header["x-acs-accesskey-id"] = c.token, c.id
		}
	} else {
		maps.Copy(common, map[string]string{
			"AccessKeyId": c.id, "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureType": "",
			"SignatureNonce": nonce, "Timestamp": stamp,
		})
		if c.token != "" {
			common["SecurityToken"] = c.token
		}
	}
	all := maps.Clone(common)
	maps.Copy(all, params)
	if change != nil {
		change(all, header)
	}
	if !c.v3 {
		toSign = c.method + "&%2F&" + rfc3986(joined(all, rfc3986))
		mac := hmac.New(sha1.New, []byte(c.secret+"&"))
		_, _ = io.WriteString(mac, toSign)
		all["Signature"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	query, form := map[string]string{}, map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(all)) {
		if c.paramsIn == "form" || c.paramsIn == "both" && i%2 == 0 {
			form[name] = all[name]
		} else {
			query[name] = all[name]
		}
	}
	body := joined(form, c.encode)
	r, err := http.NewRequestWithContext(c.t.Context(), c.method, c.scheme+"://"+c.endpoint+"/?"+joined(query, c.encode), strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.v3 {
		toSign = c.signV3(r, query, header, body)
	}
	return r, toSign
}

// signV3 sets the headers of a signature of version 3 and returns the string to sign.
func (c *independentClient) signV3(r *http.Request, query, header map[string]string, body string) (toSign string) {
	hash := func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	header["x-acs-content-sha256"] = hash(body)
	if body != "" {
		header["content-type"] = "application/x-www-form-urlencoded"
	}
	var names []string
	lines := ""
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		lines += name + ":" + header[name] + "\n"
		if name != "host" {
			r.Header.Set(name, header[name])
		}
	}
	signed := strings.Join(names, ";")
	toSign = "ACS3-HMAC-SHA256\n" + hash(strings.Join([]string{c.method, "/", joined(query, rfc3986), lines, signed, hash(body)}, "\n"))
	mac := hmac.New(sha256.New, []byte(c.secret))
	_, _ = io.WriteString(mac, toSign)
	r.Header.Set("Authorization", fmt.Sprintf("ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%x", c.id, signed, mac.Sum(nil)))
	return toSign
}

// rawResponse is a response before it is decoded.
type rawResponse struct {
	status int
	header http.Header
	text   []byte
}

func (c *independentClient) do(r *http.Request) rawResponse {
	c.t.Helper()
	w, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return rawResponse{w.StatusCode, w.Header, text}
}

func (c *independentClient) call(action string, params map[string]string) rawResponse {
	c.t.Helper()
	r, _ := c.request(action, params, nil)
	return c.do(r)
}

// read decodes a response in the format of the client.
func (c *independentClient) read(a rawResponse, root string, into any) error {
	if c.format == "JSON" {
		return json.Unmarshal(a.text, into)
	}
	var name struct{ XMLName xml.Name }
	if err := xml.Unmarshal(a.text, &name); err != nil || name.XMLName.Local != root {
		return fmt.Errorf("the root is %s, want %s: %w", name.XMLName.Local, root, errors.Join(err, errors.New(string(a.text))))
	}
	return xml.Unmarshal(a.text, into)
}

// refusal returns the status with the code, and the message, of an error. All fields of an error must be there.
func (c *independentClient) refusal(a rawResponse) (code, message string) {
	c.t.Helper()
	var body struct{ RequestId, HostId, Code, Message, Recommend *string }
	if err := c.read(a, "Error", &body); err != nil {
		c.t.Fatal(err)
	}
	for i, field := range []*string{body.RequestId, body.HostId, body.Code, body.Message, body.Recommend} {
		if field == nil {
			c.t.Fatalf("field %d is missing: %s", i, a.text)
		}
	}
	if *body.RequestId == "" || *body.RequestId != a.header.Get("x-acs-request-id") || *body.HostId != c.endpoint {
		c.t.Errorf("%v %s", a.header, a.text)
	}
	return fmt.Sprint(a.status, " ", *body.Code), *body.Message
}

// forEachClient runs do in a subtest for every kind of client.
func forEachClient(t *testing.T, instances int, do func(c *independentClient)) {
	for _, kind := range []struct{ temporary, secure bool }{{false, false}, {true, false}, {false, true}} {
		l := newLab(t, Options{Instances: NumberedInstances(instances), AccessKeyId: "LTAI5tOther", AccessKeySecret: "a secret/with+odd=letters", TLS: kind.secure})
		id, secret := l.Key()
		token := ""
		if kind.temporary {
			id, secret, token = issued(t, l)
		}
		served := open(t, l)
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: served.pool}, ForceAttemptHTTP2: true}
		t.Cleanup(transport.CloseIdleConnections)
		scheme, _, _ := strings.Cut(served.url, ":")
		for _, v3 := range []bool{false, true} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				for _, paramsIn := range []string{"query", "form", "both"} {
					for _, format := range []string{"JSON", "XML"} {
						name := fmt.Sprintf("v3=%t/%s/%s/%s/token=%t/tls=%t", v3, method, paramsIn, format, kind.temporary, kind.secure)
						t.Run(name, func(t *testing.T) {
							do(&independentClient{
								t: t, endpoint: served.host, scheme: scheme, http: &http.Client{Transport: transport}, id: id, secret: secret, token: token,
								v3: v3, method: method, paramsIn: paramsIn, format: format, encode: rfc3986, now: time.Now(),
							})
						})
					}
				}
			}
		}
	}
}

// TestEveryClient saves values that are hard to encode, with every kind of client, and reads them back.
func TestEveryClient(t *testing.T) {
	values := map[string]string{
		"space": " a  b ", "marks": "a+b~c*d/e:f,g;h@i$j!k'l(m)n", "reserved": `%41%2B & = ? # [ ] { } | \ ^ "`, "unicode": "é 世界 🙂",
		"markup": `<a b="c">&amp;]]></a>`, "lines": "one\n\ttwo\n",
	}
	forEachClient(t, 1, func(c *independentClient) {
		for encoding, encode := range map[string]func(string) string{"RFC 3986": rfc3986, "lowerHex": lowerHex, "form": formLike} {
			c.encode = encode
			for name, value := range values {
				var saved struct{ RequestId, CommandId string }
				answer := c.call("CreateCommand", map[string]string{
					"RegionId": "cn-hangzhou", "Type": "RunShellScript", "Name": name, "Description": value, "CommandContent": value,
					"ContentEncoding": "PlainText", "Tag.1.Key": "use", "Tag.1.Value": "", "Tag.2.Key": "odd", "Tag.2.Value": value,
					"WorkingDir": "", "ResourceGroupId": "", "Timeout": "", "EnableParameter": "False", "OwnerId": "",
				})
				if err := c.read(answer, "CreateCommandResponse", &saved); err != nil || answer.status != 200 || saved.CommandId == "" ||
					saved.RequestId != answer.header.Get("x-acs-request-id") {
					c.t.Fatalf("%s, %s: %d %s, %v", encoding, name, answer.status, answer.text, err)
				}
				var found struct {
					TotalCount int
					Commands   struct {
						Command []struct {
							Name, Description, CommandContent string
							Timeout                           int
							EnableParameter                   bool
							Tags                              struct {
								Tag []struct{ TagKey, TagValue string }
							}
						}
					}
				}
				answer = c.call("DescribeCommands", map[string]string{
					"RegionId": "cn-hangzhou", "CommandId": saved.CommandId, "Tag.1.Key": "odd", "Tag.1.Value": value,
				})
				if err := c.read(answer, "DescribeCommandsResponse", &found); err != nil || found.TotalCount != 1 {
					c.t.Fatalf("%s, %s: %d %s, %v", encoding, name, answer.status, answer.text, err)
				}
				it := found.Commands.Command[0]
				content, _ := base64.StdEncoding.DecodeString(it.CommandContent)
				got := []any{it.Description, string(content), it.Timeout, it.EnableParameter}
				for _, tag := range it.Tags.Tag {
					got = append(got, tag.TagValue)
				}
				if diff := cmp.Diff([]any{value, value, 60, false, "", value}, got); diff != "" {
					c.t.Errorf("%s, %s (-want +got):\n%s", encoding, name, diff)
				}
			}
		}
	})
}

// TestLargeRequestsOfEveryClient sends a list of 100 instances, and a script that takes 72 KB in a URL.
func TestLargeRequestsOfEveryClient(t *testing.T) {
	forEachClient(t, 100, func(c *independentClient) {
		params := map[string]string{
			"RegionId": "cn-hangzhou", "Name": "n", "Type": "RunShellScript",
			"CommandContent": base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\xfb\xef\xbe\xff\xff\xff", 3072))), // ++++////
		}
		var saved struct{ CommandId, InvokeId string }
		r, _ := c.request("CreateCommand", params, nil)
		if c.paramsIn == "query" && len(r.URL.String()) < 3*24<<10 {
			c.t.Fatalf("the URL has only %d bytes", len(r.URL.String()))
		}
		if answer := c.do(r); answer.status != 200 || c.read(answer, "CreateCommandResponse", &saved) != nil {
			c.t.Fatalf("%d %s", answer.status, answer.text)
		}
		params = map[string]string{"RegionId": "cn-hangzhou", "CommandId": saved.CommandId, "RepeatMode": "EveryReboot"}
		for i := range 100 {
			params[fmt.Sprintf("InstanceId.%d", i+1)] = nth(100 - i)
		}
		if answer := c.call("InvokeCommand", params); answer.status != 200 || c.read(answer, "InvokeCommandResponse", &saved) != nil {
			c.t.Fatalf("%d %s", answer.status, answer.text)
		}
		var found struct {
			Invocations struct {
				Invocation []struct {
					InvokeInstances struct{ InvokeInstance []struct{ InstanceId string } }
				}
			}
		}
		answer := c.call("DescribeInvocations", map[string]string{"RegionId": "cn-hangzhou", "InvokeId": saved.InvokeId})
		if err := c.read(answer, "DescribeInvocationsResponse", &found); err != nil || len(found.Invocations.Invocation) != 1 {
			c.t.Fatalf("%s, %v", answer.text, err)
		}
		all := found.Invocations.Invocation[0].InvokeInstances.InvokeInstance
		if len(all) != 100 || all[0].InstanceId != nth(100) || all[99].InstanceId != nth(1) {
			c.t.Errorf("%d instances: %+v", len(all), all)
		}
		params["InstanceId.101"] = nth(1)
		if code, _ := c.refusal(c.call("InvokeCommand", params)); code != "403 InstanceIds.ExceedLimit" {
			c.t.Error(code)
		}
	})
}

// TestRefusalsOfEveryClient makes wrong calls with every kind of client.
func TestRefusalsOfEveryClient(t *testing.T) {
	forEachClient(t, 1, func(c *independentClient) {
		params := map[string]string{"RegionId": "cn-hangzhou"}
		send := func(r *http.Request, _ string) string { code, _ := c.refusal(c.do(r)); return code }
		describe := func(change func(params, header map[string]string)) string {
			return send(c.request("DescribeInstances", params, change))
		}
		want := func(got, want string) {
			c.t.Helper()
			if got != want {
				c.t.Errorf("%s, want %s", got, want)
			}
		}

		for _, off := range []time.Duration{16 * time.Minute, -16 * time.Minute} {
			c.now = time.Now().Add(off)
			want(describe(nil), "400 InvalidTimeStamp.Expired")
		}
		for _, off := range []time.Duration{14 * time.Minute, -14 * time.Minute, 0} {
			c.now = time.Now().Add(off)
			if answer := c.call("DescribeInstances", params); answer.status != 200 {
				c.t.Errorf("clock off by %v: %s", off, answer.text)
			}
		}

		secret := c.secret
		c.secret = "wrong"
		r, toSign := c.request("DescribeInstances", params, nil)
		code, message := c.refusal(c.do(r))
		want(code, "400 SignatureDoesNotMatch")
		if !strings.HasSuffix(message, "server string to sign is:"+toSign) {
			c.t.Errorf("the server's string to sign is not the client's:\n%s\n%s", message, toSign)
		}
		c.secret = secret

		id := c.id
		c.id = "unknown"
		want(describe(nil), "404 InvalidAccessKeyId.NotFound")
		c.id = id

		token := c.token
		c.token = "other"
		if answer := c.call("DescribeInstances", params); token == "" && answer.status != 200 {
			c.t.Errorf("an unnecessary token: %s", answer.text)
		}
		if token != "" {
			want(describe(nil), "400 InvalidSecurityToken.Malformed")
			c.token = ""
			want(describe(nil), "400 MissingSecurityToken")
		}
		c.token = token

		want(send(c.request("DescribeNothing", params, nil)), "404 InvalidApi.NotFound")
		r, _ = c.request("DescribeInstances", params, nil)
		r.URL.Path = "/other"
		want(send(r, ""), "404 InvalidApi.NotFound")

		missing := map[string]string{"RegionId": "RegionId"}
		without := []string{"Action", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"}
		if c.v3 {
			missing["x-acs-action"] = "Action"
			without = []string{"x-acs-date", "x-acs-signature-nonce"}
		}
		for _, name := range without {
			missing[name] = name
		}
		for name, code := range missing {
			want(describe(func(params, header map[string]string) { delete(params, name); delete(header, name) }), "400 MissingParameter."+code)
		}
		for action, name := range map[string]string{
			"DeleteCommand": "CommandId", "StopInvocation": "InvokeId", "ModifyCommand": "CommandId", "ListTagResources": "ResourceType",
			"CreateCommand": "Name", "RunCommand": "Type", "SendFile": "Name",
		} {
			want(send(c.request(action, params, nil)), "400 MissingParameter."+name)
		}
		if !c.v3 {
			want(describe(func(params, _ map[string]string) { params["SignatureMethod"] = "HMAC-SHA256" }), "400 InvalidSignatureMethod")
		}

		r, _ = c.request("DescribeInstances", params, nil)
		again := r.Clone(c.t.Context())
		if r.GetBody != nil {
			again.Body, _ = r.GetBody()
		}
		if answer := c.do(r); answer.status != 200 {
			c.t.Errorf("%s", answer.text)
		}
		want(send(again, ""), "400 SignatureNonceUsed")
	})
}
