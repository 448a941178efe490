//go:build unix

package lab

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// runCall returns a signed call that runs a script.
func runCall(l *Lab) *http.Request {
	return query(l, http.MethodPost, map[string]string{
		"Action": "RunCommand", "Type": "RunShellScript", "CommandContent": "true", "InstanceId": nth(1),
	})
}

// wantNothingRun reports an error if the lab has stored or run anything.
func wantNothingRun(t testing.TB, l *Lab) {
	t.Helper()
	if lists, executions := len(l.own.store.index), len(l.Executions()); lists > 0 || executions > 0 {
		t.Errorf("%d index lists, %d executions", lists, executions)
	}
}

// TestRefusedCallsRunNothing sends calls that would run a script except for one problem.
func TestRefusedCallsRunNothing(t *testing.T) {
	withBody := func(contentType, body string) func(*http.Request) {
		return func(r *http.Request) {
			*r = *httptest.NewRequest(r.Method, r.URL.String(), strings.NewReader(body))
			r.Header.Set("Content-Type", contentType)
		}
	}
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	param := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			params := r.URL.Query()
			params.Set(name, value)
			r.URL.RawQuery = params.Encode()
		}
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		code   string // of the check that must refuse the call
	}{
		"the host name of a web site":                {host("evil.example"), "Forbidden.Host"},
		"a name that starts like a loopback name":    {host("localhost.evil.example:8080"), "Forbidden.Host"},
		"a name that starts like a loopback address": {host("127.0.0.1.evil.example"), "Forbidden.Host"},
		"an address of another machine":              {host("192.0.2.1:80"), "Forbidden.Host"},
		"all addresses":                              {host("0.0.0.0:80"), "Forbidden.Host"},
		"no host":                                    {host(""), "Forbidden.Host"},
		"the form of a web page":                     {withBody("text/plain", "a=b"), "UnsupportedContentType"},
		"JSON":                                       {withBody("application/json", `{"a":"b"}`), "UnsupportedContentType"},
		"a file upload":                              {withBody("multipart/form-data; boundary=x", "--x--"), "UnsupportedContentType"},
		"a body without a type":                      {withBody("", "a=b"), "UnsupportedContentType"},
		"the form of a web page without a body":      {withBody("text/plain", ""), "UnsupportedContentType"},
		"more parameters in the form":                {withBody("application/x-www-form-urlencoded", "KeepCommand=true"), "SignatureDoesNotMatch"},
		"a large form":                               {withBody("application/x-www-form-urlencoded", strings.Repeat("a", maxBody+1)), "RequestEntityTooLarge"},
		"OPTIONS":                                    {func(r *http.Request) { r.Method = http.MethodOptions }, "UnsupportedHTTPMethod"},
		"DELETE":                                     {func(r *http.Request) { r.Method = http.MethodDelete }, "UnsupportedHTTPMethod"},
		"GET":                                        {func(r *http.Request) { r.Method = http.MethodGet }, "SignatureDoesNotMatch"}, // the signature is of a POST
		"a path":                                     {func(r *http.Request) { r.URL.Path = "/run" }, "InvalidApi.NotFound"},
		"another script":                             {param("CommandContent", "false"), "SignatureDoesNotMatch"},
		"a guessed signature":                        {param("Signature", "AAAA"), "SignatureDoesNotMatch"},
		"no signature":                               {param("Signature", ""), "MissingParameter.Signature"},
		"an unknown key":                             {param("AccessKeyId", "LABSTRANGER"), "InvalidAccessKeyId.NotFound"},
	} {
		l := newLab(t, Options{Instances: NumberedInstances(1)})
		r := runCall(l)
		c.change(r)
		w := serve(l, r)
		if got := errorBody(t, w).Code; w.Code < 400 || got != c.code {
			t.Errorf("%s: %d %s, want %s", name, w.Code, w.Body, c.code)
		}
		for header := range w.Header() {
			if strings.HasPrefix(header, "Access-Control-") {
				t.Errorf("%s: a web page may read the response: %s", name, header)
			}
		}
		wantNothingRun(t, l)
	}
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	if w := serve(l, runCall(l)); w.Code != 200 {
		t.Errorf("the unchanged call: %s", w.Body)
	}
}

func TestKeysAreRandom(t *testing.T) {
	seen := map[string]bool{}
	for range 5 {
		id, secret := newLab(t, Options{}).Key()
		if len(id) < 20 || len(secret) < 26 || seen[id] || seen[secret] { // 26 characters of Base32 have 130 bits
			t.Errorf("%s %s", id, secret)
		}
		seen[id], seen[secret] = true, true
	}
}

func TestConnectionIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "lab", "connection.json")
	want := Connection{Endpoint: "127.0.0.1:1", AccessKeyId: "id", AccessKeySecret: "secret", RegionId: "cn-hangzhou", Pid: 7}
	for range 2 {
		if err := WriteConnection(t.Context(), path, want); err != nil {
			t.Fatal(err)
		}
		for name, mode := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700 | fs.ModeDir} {
			if info, err := os.Stat(name); err != nil || info.Mode() != mode {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
		if err := os.Chmod(path, 0o644); err != nil { // the next file must be private again
			t.Fatal(err)
		}
	}
	if got, err := ReadConnections(path); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%+v, %v", got, err)
	}
	if err := RemoveConnection(t.Context(), path, Connection{Pid: 8}); err != nil {
		t.Error(err)
	}
	if err := RemoveConnection(t.Context(), path, want); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) > 0 {
		t.Error(entries, err)
	}
}

// TestDataFilesArePrivate checks that only the owner can read the data directory, which contains the keys.
func TestDataFilesArePrivate(t *testing.T) {
	data := filepath.Join(t.TempDir(), "state", "lab")
	b := open(t, newLab(t, Options{Data: data, Dir: data, Instances: NumberedInstances(1)}))
	b.run(shell("true"))
	entries, err := os.ReadDir(data)
	if err != nil || len(entries) < 3 {
		t.Fatal(entries, err)
	}
	for _, name := range []string{".", "lab.db", "owner.json", "instances"} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// TestFileModesAreCorrected opens a database that other users can read, as in a copy of a data directory.
func TestFileModesAreCorrected(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, keep.FileName)
	for range 2 {
		l, err := New(Options{Data: dir})
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o664); err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzCall sends arbitrary requests to a lab with a random secret. None may be accepted.
func FuzzCall(f *testing.F) {
	l := newLab(f, Options{Instances: NumberedInstances(1), AccessKeyId: "known"})
	valid := runCall(newLab(f, Options{AccessKeyId: "known"})).URL.RawQuery // except for the secret
	f.Add("POST", valid, "", "127.0.0.1:80", "", "application/x-www-form-urlencoded", "RunCommand")
	f.Add("POST", "", valid, "localhost", "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b", "application/x-www-form-urlencoded", "RunCommand")
	f.Add("POST", "RegionId=cn-hangzhou", valid, "localhost", "ACS3-HMAC-SHA256 Credential=known,SignedHeaders=content-type;host;x-acs-action;"+
		"x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=00", "application/x-www-form-urlencoded", "RunCommand")
	f.Add("GET", "Action=RunCommand&Format=XML", "", "[::1]:80", "", "", "")
	f.Fuzz(func(t *testing.T, method, params, body, host, authorization, contentType, action string) {
		r := &http.Request{
			Method: method, URL: &url.URL{Path: "/", RawQuery: params}, Host: host, Body: http.NoBody,
			Header: http.Header{
				"Authorization": {authorization}, "Content-Type": {contentType}, "X-Acs-Action": {action}, "X-Acs-Version": {assist.Version},
				"X-Acs-Date": {assist.FormatTime(time.Now())}, "X-Acs-Signature-Nonce": {"n"}, "X-Acs-Content-Sha256": {"00"},
			},
		}
		if body != "" {
			r.Body = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)).Body
		}
		w := serve(l, r)
		if w.Code < 400 || w.Code >= 500 || w.Header().Get("x-acs-request-id") == "" || !strings.Contains(w.Body.String(), "Code") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		wantNothingRun(t, l)
	})
}

// FuzzSignedCall calls the actions with arbitrary parameters. Scripts are accepted but not run.
func FuzzSignedCall(f *testing.F) {
	l := newLab(f, Options{Instances: NumberedInstances(2)})
	l.agents.runner.Close()
	l.agents.runner = &fakeRunner{}
	for action := range l.operations {
		f.Add(action, runCall(l).URL.RawQuery)
	}
	f.Add("DescribeInstances", "InstanceIds=%5B%22i-lab00001%22%5D&Tag.1.Key=env&MaxResults=1")
	script := "&Type=RunShellScript&CommandContent=echo+{{a}}&EnableParameter=true&InstanceId.1=i-lab00001&InstanceId.2=i-lab00002"
	f.Add("RunCommand", "ClientToken=t&KeepCommand=true&Tag.1.Key=k&Parameters={\"a\":\"b\"}"+script)
	f.Add("RunCommand", "Frequency=rate(1h)&TerminationMode=ProcessTree&Launcher=python3+-u"+script)
	f.Add("RunCommand", "RepeatMode=DryRun&ResourceTag.1.Key=role&ResourceTag.1.Value=web&Type=RunShellScript&CommandContent=dHJ1ZQ==&ContentEncoding=Base64")
	f.Add("DescribeInvocationResults", "PageNumber=2&PageSize=50&ContentEncoding=PlainText&Format=XML")
	f.Add("ListTagResources", "ResourceType=instance&TagFilter.1.TagKey=r*&TagFilter.1.TagValues.1=w*")
	f.Add("SendFile", "Name=a&TargetDir=/etc&Content=x&InstanceId.1=i-lab00001&FileMode=0644")
	f.Fuzz(func(t *testing.T, action, text string) {
		parsed, err := url.ParseQuery(text)
		if err != nil {
			t.Skip()
		}
		params := map[string]string{}
		for name, values := range parsed {
			switch name {
			case "AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp", "Version":
			default:
				params[name] = values[0]
			}
		}
		params["Action"] = action
		for n := range 2 { // earlier calls may have stopped them
			if it := l.own.inventory.hosts[n].get(); !it.connected() {
				if err := l.SetInstance(it.InstanceId, func(it *Instance) { it.Status, it.Online = "Running", true }); err != nil {
					t.Fatal(err)
				}
			}
		}
		w := serve(l, query(l, http.MethodPost, params))
		if w.Code >= 500 || w.Header().Get("x-acs-request-id") == "" || w.Code >= 400 && !strings.Contains(w.Body.String(), "Code") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
