//go:build unix

package lab

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

// query returns a call like those of older clients: all parameters in the query, with a signature of version 1.
func query(l *Lab, method string, params map[string]string) *http.Request {
	id, secret := l.Key()
	version := assist.Version
	if op, known := l.operations[params["Action"]]; known {
		version = op.version
	}
	q := url.Values{}
	for name, value := range map[string]string{
		"Version": version, "RegionId": "cn-hangzhou", "AccessKeyId": id, "SignatureMethod": "HMAC-SHA1",
		"SignatureVersion": "1.0", "SignatureNonce": randomHex(8), "Timestamp": assist.FormatTime(time.Now()),
	} {
		q.Set(name, value)
	}
	for name, value := range params {
		q.Set(name, value)
	}
	r := httptest.NewRequest(method, "http://127.0.0.1:8080/", nil)
	q.Set("Signature", signature.SignV1(secret, method, r.URL, q))
	r.URL.RawQuery = q.Encode()
	return r
}

func serve(l *Lab, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	return w
}

// errorBody decodes the JSON of a response as an error. Its Code is empty if the response is not an error.
func errorBody(t *testing.T, w *httptest.ResponseRecorder) errorResponse {
	t.Helper()
	var body errorResponse
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return body
}

func TestProtocol(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	valid := func() *http.Request { return query(l, "GET", map[string]string{"Action": "DescribeInstances"}) }
	cases := map[string]struct {
		change func(r *http.Request)
		status int
		code   string
	}{
		"valid":        {func(*http.Request) {}, 200, ""},
		"localhost":    {func(r *http.Request) { r.Host = "localhost:80" }, 200, ""},
		"IPv6":         {func(r *http.Request) { r.Host = "[::1]:80" }, 200, ""},
		"cross-site":   {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403, "Forbidden.CrossOrigin"},
		"web page":     {func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:8080") }, 403, "Forbidden.CrossOrigin"},
		"typed URL":    {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "none") }, 200, ""},
		"foreign host": {func(r *http.Request) { r.Host = "evil.example:8080" }, 403, "Forbidden.Host"},
		"no host":      {func(r *http.Request) { r.Host = "" }, 403, "Forbidden.Host"},
		"PUT":          {func(r *http.Request) { r.Method = "PUT" }, 405, "UnsupportedHTTPMethod"},
		"OPTIONS":      {func(r *http.Request) { r.Method = "OPTIONS" }, 405, "UnsupportedHTTPMethod"},
		"path":         {func(r *http.Request) { r.URL.Path = "/x" }, 404, "InvalidApi.NotFound"},
		"broken query": {func(r *http.Request) { r.URL.RawQuery += "&%zz" }, 400, "InvalidParameter"},
		"one byte":     {func(r *http.Request) { r.URL.RawQuery += "&more=" }, 400, "SignatureDoesNotMatch"},
		"no action":    {func(r *http.Request) { *r = *query(l, "GET", nil) }, 400, "MissingParameter.Action"},
		"no such action": {func(r *http.Request) {
			*r = *query(l, "GET", map[string]string{"Action": "StopInstances"})
		}, 404, "InvalidApi.NotFound"},
		"other version": {func(r *http.Request) {
			*r = *query(l, "GET", map[string]string{"Action": "DescribeInstances", "Version": "2016-03-14"})
		}, 400, "InvalidVersion"},
		"no region": {func(r *http.Request) {
			*r = *query(l, "GET", map[string]string{"Action": "DescribeInstances", "RegionId": ""})
		}, 400, "MissingParameter.RegionId"},
		"no such region": {func(r *http.Request) {
			*r = *query(l, "GET", map[string]string{"Action": "DescribeInstances", "RegionId": "mars-1"})
		}, 404, "InvalidRegionId.NotFound"},
		"malformed number": {func(r *http.Request) {
			*r = *query(l, "GET", map[string]string{"Action": "DescribeInstances", "MaxResults": "ten"})
		}, 400, "InvalidParameter.MaxResults"},
		"expired": {func(r *http.Request) {
			*r = *query(l, "GET", map[string]string{"Action": "DescribeInstances", "Timestamp": "2020-01-01T00:00:00Z"})
		}, 400, "InvalidTimeStamp.Expired"},
		"unsigned header": {func(r *http.Request) { r.Header.Set("x-acs-action", "RunCommand") }, 200, ""},
		"ignored parameters": {func(r *http.Request) {
			*r = *query(l, "GET", map[string]string{"Action": "DescribeInstances", "OwnerId": "1", "SignatureType": "", "Format": "JSON"})
		}, 200, ""},
	}
	for name, c := range cases {
		r := valid()
		c.change(r)
		w := serve(l, r)
		if got := errorBody(t, w); w.Code != c.status || got.Code != c.code {
			t.Errorf("%s: %d %s, want %d %s: %s", name, w.Code, got.Code, c.status, c.code, w.Body)
		}
	}
}

func TestReplayIsRefused(t *testing.T) {
	l := newLab(t, Options{})
	r := query(l, "POST", map[string]string{"Action": "DescribeRegions"})
	if w := serve(l, r); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if got := errorBody(t, serve(l, r.Clone(t.Context()))).Code; got != "SignatureNonceUsed" {
		t.Error(got)
	}
}

func TestContentType(t *testing.T) {
	l := newLab(t, Options{})
	for _, c := range []struct {
		contentType, body string
		status            int
	}{
		{"", "", 200}, {"application/json", "", 200}, {"application/json; charset=utf-8", "", 200},
		{"application/octet-stream", "", 200}, {"application/x-www-form-urlencoded", "", 200},
		{"text/plain", "", 415}, {"multipart/form-data; boundary=x", "", 415}, {"application/json", "{}", 415},
		{"application/octet-stream", "x", 415}, {"text/plain", "a=b", 415}, {"", "a=b", 415}, {"/", "", 415},
		{"application/x-www-form-urlencoded", "a=%zz", 400},
		{"application/x-www-form-urlencoded", "a=b", 400}, // not signed
		{"application/x-www-form-urlencoded", strings.Repeat("a", maxBody+1), 413},
	} {
		r := query(l, "POST", map[string]string{"Action": "DescribeRegions"})
		r.Body = http.NoBody
		if c.body != "" {
			r = httptest.NewRequest("POST", r.URL.String(), strings.NewReader(c.body))
		}
		r.Header.Set("Content-Type", c.contentType)
		if c.contentType == "" {
			r.Header.Del("Content-Type")
		}
		if w := serve(l, r); w.Code != c.status {
			t.Errorf("%q with %d bytes: %d, want %d: %.200s", c.contentType, len(c.body), w.Code, c.status, w.Body)
		}
	}
}

func TestParametersInForm(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	form := query(l, "POST", map[string]string{"Action": "RunCommand", "Type": "RunShellScript", "CommandContent": "true", "InstanceId": nth(1)}).URL.RawQuery
	r := httptest.NewRequest("POST", "http://127.0.0.1:1/", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	if w := serve(l, r); w.Code != 200 {
		t.Error(w.Body)
	}
}

func TestResponseFormats(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(2)})
	requestID := regexp.MustCompile(`^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`)
	check := func(w *httptest.ResponseRecorder, contentType, id string) {
		t.Helper()
		if got := w.Header().Get("Content-Type"); got != contentType {
			t.Errorf("Content-Type %s, want %s", got, contentType)
		}
		if !requestID.MatchString(id) || w.Header().Get("x-acs-request-id") != id {
			t.Errorf("request id %q, in the header %q", id, w.Header().Get("x-acs-request-id"))
		}
	}

	w := serve(l, query(l, "GET", map[string]string{"Action": "DescribeInstances"}))
	var response assist.DescribeInstancesResponse
	if err := json.Unmarshal(w.Body.Bytes(), &response); err != nil || len(response.Instances.Instance) != 2 {
		t.Fatal(err, w.Body)
	}
	check(w, "application/json;charset=utf-8", response.RequestId)

	w = serve(l, query(l, "GET", map[string]string{"Action": "DescribeInstances", "Format": "XML"}))
	var tree struct {
		XMLName    xml.Name
		RequestId  string
		TotalCount int
		Instances  struct {
			Instance []struct {
				InstanceId      string
				Tags            struct{ Tag []assist.TagPair }
				MetadataOptions struct{ HttpTokens string }
			}
		}
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &tree); err != nil {
		t.Fatal(err, w.Body)
	}
	check(w, "text/xml;charset=utf-8", tree.RequestId)
	if len(tree.Instances.Instance) != 2 {
		t.Fatalf("%+v", tree)
	}
	first, second := tree.Instances.Instance[0], tree.Instances.Instance[1]
	got := []any{tree.XMLName.Local, tree.TotalCount, second.InstanceId, second.Tags.Tag[0].TagKey, first.MetadataOptions.HttpTokens}
	want := []any{"DescribeInstancesResponse", 2, nth(2), "env", "optional"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("XML (-want +got):\n%s", diff)
	}

	w = serve(l, query(l, "GET", map[string]string{"Action": "DescribeInstances", "Format": "XML", "RegionId": "mars-1"}))
	var fault struct {
		XMLName xml.Name
		errorResponse
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &fault); err != nil {
		t.Fatal(err, w.Body)
	}
	check(w, "text/xml;charset=utf-8", fault.RequestId)
	if fault.XMLName.Local != "Error" || fault.Code != "InvalidRegionId.NotFound" || fault.HostId != "127.0.0.1:8080" || fault.Message == "" {
		t.Errorf("%+v", fault)
	}

	r := query(l, "GET", map[string]string{"Action": "DescribeInstances", "Format": "xml"})
	r.URL.RawQuery += "&%zz"
	if w := serve(l, r); w.Code != 400 || xml.Unmarshal(w.Body.Bytes(), &fault) != nil || fault.Code != "InvalidParameter" {
		t.Error(w.Body)
	}

	w = serve(l, query(l, "GET", map[string]string{"Action": "DescribeInstances", "RegionId": "mars-1"}))
	check(w, "application/json;charset=utf-8", errorBody(t, w).RequestId)
	for _, name := range []string{"RequestId", "HostId", "Code", "Message", "Recommend"} {
		if !strings.Contains(w.Body.String(), `"`+name+`":`) {
			t.Errorf("no %s in %s", name, w.Body)
		}
	}
}

func TestEveryActionInXML(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	b := open(t, l)
	id := b.submit(shell("printf 'a<b&c'"))
	b.settle(id)
	for action := range l.operations {
		w := serve(l, query(l, "GET", map[string]string{"Action": action, "Format": "XML", "InvokeId": id}))
		if err := xml.Unmarshal(w.Body.Bytes(), new(struct{ XMLName xml.Name })); err != nil {
			t.Errorf("%s: %v: %s", action, err, w.Body)
		}
	}
}

// TestUnsignedCallsRunNothing sends calls that would run a script if their signature were valid.
func TestUnsignedCallsRunNothing(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	valid := map[string]string{"Action": "RunCommand", "Type": "RunShellScript", "CommandContent": "true", "InstanceId": nth(1)}
	for name, change := range map[string]func(q url.Values){
		"no signature":    func(q url.Values) { q.Del("Signature") },
		"wrong signature": func(q url.Values) { q.Set("Signature", "AAAA") },
		"wrong key":       func(q url.Values) { q.Set("AccessKeyId", "other") },
		"no key":          func(q url.Values) { q.Del("AccessKeyId") },
		"changed script":  func(q url.Values) { q.Set("CommandContent", "false") },
		"changed target":  func(q url.Values) { q.Set("InstanceId", "i-x") },
		"more parameters": func(q url.Values) { q.Set("KeepCommand", "true") },
		"no nonce":        func(q url.Values) { q.Del("SignatureNonce") },
	} {
		r := query(l, "POST", valid)
		q := r.URL.Query()
		change(q)
		r.URL.RawQuery = q.Encode()
		if w := serve(l, r); w.Code < 400 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if n := len(l.own.store.index); n > 0 || len(l.Executions()) > 0 {
		t.Errorf("%d index lists, %d executions", n, len(l.Executions()))
	}
	if l.Calls()["RunCommand"] != 8 {
		t.Errorf("%v", l.Calls())
	}
}

func TestPanicIsInternalError(t *testing.T) {
	l := newLab(t, Options{})
	l.operations["DescribeRegions"] = operation{version: assist.Version, serve: func(context.Context, call, url.Values) (any, error) { panic("on purpose") }}
	w := serve(l, query(l, "GET", map[string]string{"Action": "DescribeRegions"}))
	if got := errorBody(t, w); w.Code != 500 || got.Code != "InternalError" || strings.Contains(got.Message, "purpose") {
		t.Errorf("%d %+v", w.Code, got)
	}
}

// TestLongURL sends a script of the largest size in a query over a real connection.
func TestLongURL(t *testing.T) {
	b := openFleet(t, 1)
	r := shell(": '" + strings.Repeat("é*~ ", 4600)[:18000] + "'; echo done")
	if got := b.run(r); got.Output != "done\n" {
		t.Errorf("%+v", got)
	}
	w, err := http.Get("http://" + b.host + "/?x=" + strings.Repeat("a", 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer w.Body.Close()
	if w.StatusCode != 400 { // the header was read, and the action is missing
		t.Error(w.Status)
	}
}

func TestOtherRegionsAreEmpty(t *testing.T) {
	b := openFleet(t, 1)
	ctx := t.Context()
	b.settle(b.submit(shell("true")))
	instances, err := b.DescribeInstances(ctx, &assist.DescribeInstancesRequest{RegionId: "cn-beijing"})
	if err != nil || instances.TotalCount != 0 || len(instances.Instances.Instance) != 0 {
		t.Error(instances, err)
	}
	invocations, err := b.DescribeInvocations(ctx, &assist.DescribeInvocationsRequest{RegionId: "cn-beijing"})
	if err != nil || invocations.TotalCount != 0 {
		t.Error(invocations, err)
	}
	r := shell("true")
	r.RegionId = "cn-beijing"
	_, err = b.RunCommand(ctx, r)
	wantRefused(t, err, "404 InvalidInstance.NotFound")
	_, err = b.CreateCommand(ctx, &assist.CreateCommandRequest{RegionId: "cn-beijing", Name: "n", Type: "RunShellScript", CommandContent: "ZQ=="})
	wantRefused(t, err, "400 RegionId.ApiNotSupported")
}
