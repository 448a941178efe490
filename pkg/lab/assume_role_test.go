//go:build unix

package lab

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
	"muster/pkg/lab/fakeclock"
)

const (
	ownUser  = "acs:ram::1000000000000001:user/lab"
	testRole = "acs:ram::1234567890123456:role/deploy"
)

// as returns a client that signs with temporary keys.
func (b *client) as(keys assist.STSCredentials) *assist.Client {
	b.t.Helper()
	return b.with(assist.StaticKeys(assist.Keys{
		AccessKeyId: keys.AccessKeyId, AccessKeySecret: keys.AccessKeySecret, SecurityToken: keys.SecurityToken,
	}))
}

func (b *client) with(keys assist.Signer) *assist.Client {
	b.t.Helper()
	transport := assist.NewTransport(assist.Timeouts{})
	b.t.Cleanup(transport.CloseIdleConnections)
	core, err := assist.NewCore(assist.CoreOptions{Endpoint: assist.Endpoint{Host: b.host}, Credentials: keys, Transport: transport})
	if err != nil {
		b.t.Fatal(err)
	}
	return assist.NewClient(core)
}

// assume returns the keys of a role.
func (b *client) assume(c *assist.Client, arn, name string, seconds int64) *assist.AssumeRoleResponse {
	b.t.Helper()
	answer, err := c.AssumeRole(b.t.Context(), &assist.AssumeRoleRequest{
		RoleArn: arn, RoleSessionName: name, DurationSeconds: seconds, ExternalId: "any", Policy: `{"Version":"1","Statement":[]}`,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

func (b *client) identity(c *assist.Client) assist.GetCallerIdentityResponse {
	b.t.Helper()
	answer, err := c.GetCallerIdentity(b.t.Context(), &assist.GetCallerIdentityRequest{})
	if err != nil {
		b.t.Fatal(err)
	}
	if answer.RequestId == "" || answer.PrincipalId == "" {
		b.t.Errorf("%+v", answer)
	}
	return *answer
}

func (b *client) listInstances(c *assist.Client) error {
	_, err := c.DescribeInstances(b.t.Context(), &assist.DescribeInstancesRequest{RegionId: b.lab.Region()})
	return err
}

// TestAssumedRole assumes a role, makes calls with its keys, assumes another role with them, and lets both expire.
func TestAssumedRole(t *testing.T) {
	clock := fakeclock.New(time.Date(2030, 1, 1, 0, 0, 0, 500, time.UTC))
	b := open(t, newLab(t, Options{Instances: NumberedInstances(1), Clock: clock}))
	own := b.identity(b.Client)
	wantOwn := assist.GetCallerIdentityResponse{
		RequestId: own.RequestId, IdentityType: "RAMUser", AccountId: "1000000000000001", UserId: own.PrincipalId, PrincipalId: own.PrincipalId, Arn: ownUser,
	}
	if diff := cmp.Diff(wantOwn, own); diff != "" {
		t.Errorf("the identity of the lab's own key (-want +got):\n%s", diff)
	}

	first := b.assume(b.Client, testRole, "first@x.y", 900)
	if first.Credentials.Expiration != "2030-01-01T00:15:00Z" || !strings.HasPrefix(first.Credentials.AccessKeyId, "STS.") {
		t.Errorf("%+v", first.Credentials)
	}
	deploy := b.as(first.Credentials)
	who := b.identity(deploy)
	want := assist.GetCallerIdentityResponse{
		RequestId: who.RequestId, IdentityType: "AssumedRoleUser", AccountId: "1234567890123456", RoleId: who.RoleId,
		PrincipalId: who.RoleId + ":first@x.y", Arn: "acs:ram::1234567890123456:assumed-role/deploy/first@x.y",
	}
	if who != want || who.RoleId == "" {
		t.Errorf("the keys belong to %+v, want %+v", who, want)
	}
	if user := (assist.AssumedRoleUser{Arn: testRole + "/first@x.y", AssumedRoleId: who.PrincipalId}); first.AssumedRoleUser != user {
		t.Errorf("%+v, want %+v", first.AssumedRoleUser, user)
	}
	if err := b.listInstances(deploy); err != nil {
		t.Error(err)
	}
	ran, err := deploy.RunCommand(t.Context(), shell("echo as a role"))
	if err != nil {
		t.Fatal(err)
	}
	if inv := b.settle(ran.InvokeId); inv.InvocationStatus != "Success" {
		t.Errorf("%+v", inv)
	}

	second := b.assume(deploy, "acs:ram::7:role/other", "second", 0)
	other := b.as(second.Credentials)
	if who := b.identity(other); who.Arn != "acs:ram::7:assumed-role/other/second" || second.Credentials.Expiration != "2030-01-01T01:00:00Z" {
		t.Errorf("%+v until %s", who, second.Credentials.Expiration)
	}

	clock.Advance(899 * time.Second)
	if err := b.listInstances(deploy); err != nil {
		t.Errorf("a second before the expiration: %v", err)
	}
	clock.Advance(time.Second)
	const expired = "400 InvalidSecurityToken.Expired"
	if got := refusedWith(b.listInstances(deploy)); got != expired {
		t.Errorf("at the expiration: %s", got)
	}
	if _, err := deploy.AssumeRole(t.Context(), &assist.AssumeRoleRequest{RoleArn: testRole, RoleSessionName: "late"}); refusedWith(err) != expired {
		t.Errorf("at the expiration: %v", err)
	}
	if err := b.listInstances(other); err != nil {
		t.Error(err)
	}
	clock.Advance(time.Hour)
	if got := refusedWith(b.listInstances(other)); got != expired {
		t.Error(got)
	}
	if err := b.listInstances(b.Client); err != nil {
		t.Errorf("the lab's own key has expired: %v", err)
	}
}

func TestAssumeRoleRefuses(t *testing.T) {
	b := openFleet(t, 1)
	short := open(t, newLab(t, Options{MinDurationSeconds: 2}))
	for want, change := range map[string]func(r *assist.AssumeRoleRequest){
		"<nil>":                                func(r *assist.AssumeRoleRequest) { r.DurationSeconds = 43200 },
		"404 EntityNotExist.Role":              func(r *assist.AssumeRoleRequest) { r.RoleArn = "acs:ram::1:role/missing" },
		"400 InvalidParameter.RoleArn":         func(r *assist.AssumeRoleRequest) { r.RoleArn = "missing" },
		"400 InvalidParameter.RoleSessionName": func(r *assist.AssumeRoleRequest) { r.RoleSessionName = "a/b" },
		"400 InvalidParameter.PolicyGrammar":   func(r *assist.AssumeRoleRequest) { r.Policy = "allow" },
		"400 MissingParameter.RoleArn":         func(r *assist.AssumeRoleRequest) { r.RoleArn = "" },
		"400 InvalidParameter.DurationSeconds": func(r *assist.AssumeRoleRequest) { r.DurationSeconds = 899 },
	} {
		request := &assist.AssumeRoleRequest{RoleArn: testRole, RoleSessionName: "test"}
		change(request)
		if _, err := b.AssumeRole(t.Context(), request); refusedWith(err) != want {
			t.Errorf("%+v: %v, want %q", request, err, want)
		}
	}
	short.assume(short.Client, testRole, "test", 2)
	for _, seconds := range []int64{1, -1, 43201} {
		_, err := short.AssumeRole(t.Context(), &assist.AssumeRoleRequest{RoleArn: testRole, RoleSessionName: "test", DurationSeconds: seconds})
		if refusedWith(err) != "400 InvalidParameter.DurationSeconds" {
			t.Errorf("%d: %v", seconds, err)
		}
	}
}

func TestAssumeRoleWithFaults(t *testing.T) {
	b := open(t, newLab(t, Options{Faults: []Fault{
		{Action: "AssumeRole", Code: "Throttling.User", Times: 1}, {Action: "AssumeRoleWithOIDC", Code: "AuthenticationFail.OIDCToken.Expired", Times: 1},
		{Action: "GetCallerIdentity", Code: "drop", Times: 1},
	}}))
	_, secret := b.lab.Key()
	role := &assist.AssumeRoleRequest{RoleArn: testRole, RoleSessionName: "test"}
	withOIDC := &assist.AssumeRoleWithOIDCRequest{OIDCProviderArn: "idp", OIDCToken: secret, RoleArn: testRole, RoleSessionName: "test"}
	for _, first := range []bool{true, false} {
		_, err := b.AssumeRole(t.Context(), role)
		if got := refusedWith(err); first && got != "400 Throttling.User" || !first && err != nil {
			t.Errorf("AssumeRole: %v", err)
		}
		_, err = b.AssumeRoleWithOIDC(t.Context(), withOIDC)
		if got := refusedWith(err); first && got != "401 AuthenticationFail.OIDCToken.Expired" || !first && err != nil {
			t.Errorf("AssumeRoleWithOIDC: %v", err)
		}
		if _, err = b.GetCallerIdentity(t.Context(), &assist.GetCallerIdentityRequest{}); (err != nil) != first {
			t.Errorf("GetCallerIdentity: %v", err)
		}
	}
}

// TestEveryClientAssumesARole assumes a role, and uses its keys, with every kind of client, with the lab's own key and with
// temporary keys.
func TestEveryClientAssumesARole(t *testing.T) {
	forEachClient(t, 1, func(c *independentClient) {
		var role struct {
			RequestId       string
			Credentials     struct{ AccessKeyId, AccessKeySecret, SecurityToken, Expiration string }
			AssumedRoleUser struct{ Arn, AssumedRoleId string }
		}
		answer := c.call("AssumeRole", map[string]string{
			"RoleArn": testRole, "RoleSessionName": "a.b@c-d_e", "DurationSeconds": "900", "Policy": `{"Version": "1"}`, "ExternalId": "x",
		})
		if err := c.read(answer, "AssumeRoleResponse", &role); err != nil || answer.status != 200 || role.RequestId == "" {
			c.t.Fatalf("%d %s, %v", answer.status, answer.text, err)
		}
		temporary := *c
		temporary.id, temporary.secret, temporary.token = role.Credentials.AccessKeyId, role.Credentials.AccessKeySecret, role.Credentials.SecurityToken
		if answer := temporary.call("DescribeInstances", map[string]string{"RegionId": "cn-hangzhou"}); answer.status != 200 {
			c.t.Errorf("%d %s", answer.status, answer.text)
		}
		var who struct{ Arn, UserId, AccountId string }
		answer = temporary.call("GetCallerIdentity", nil)
		if err := c.read(answer, "GetCallerIdentityResponse", &who); err != nil || who.Arn != "acs:ram::1234567890123456:assumed-role/deploy/a.b@c-d_e" {
			c.t.Errorf("%s, %v", answer.text, err)
		}
		if strings.Contains(string(answer.text), "UserId") {
			c.t.Errorf("a role has no UserId: %s", answer.text)
		}

		changed := temporary
		changed.token = role.Credentials.SecurityToken + "A"
		for name, test := range map[string]struct {
			client independentClient
			want   string
		}{
			"another key's token": {independentClient{id: c.id, secret: c.secret, token: temporary.token}, "400 InvalidSecurityToken.MismatchWithAccessKey"},
			"a changed token":     {changed, "400 InvalidSecurityToken.Malformed"},
			"no token":            {independentClient{id: temporary.id, secret: temporary.secret}, "400 MissingSecurityToken"},
			"another secret":      {independentClient{id: temporary.id, secret: c.secret, token: temporary.token}, "400 SignatureDoesNotMatch"},
			"an unknown key":      {independentClient{id: "STS." + strings.Repeat("A", 34), secret: temporary.secret, token: temporary.token}, "404 InvalidAccessKeyId.NotFound"},
		} {
			client := *c
			client.id, client.secret, client.token = test.client.id, test.client.secret, test.client.token
			answer := client.call("DescribeInstances", map[string]string{"RegionId": "cn-hangzhou"})
			if c.token == "" && name == "another key's token" { // ignored with the lab's own key
				if answer.status != 200 {
					c.t.Errorf("%s: %s", name, answer.text)
				}
				continue
			}
			if code, _ := c.refusal(answer); code != test.want {
				c.t.Errorf("%s: %s, want %s", name, code, test.want)
			}
		}
		r, _ := c.request("GetCallerIdentity", nil, func(params, header map[string]string) {
			if c.v3 {
				header["x-acs-version"] = assist.Version
			} else {
				params["Version"] = assist.Version
			}
		})
		if code, _ := c.refusal(c.do(r)); code != "400 InvalidVersion" {
			c.t.Errorf("with the version of ECS: %s", code)
		}
	})
}

func TestAssumeRoleWithOIDC(t *testing.T) {
	clock := fakeclock.New(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	lenient := open(t, newLab(t, Options{Instances: NumberedInstances(1), AnyOIDCToken: true, Clock: clock}))
	strict := open(t, newLab(t, Options{Instances: NumberedInstances(1)}))
	_, secret := strict.lab.Key()
	for _, test := range []struct {
		b     *client
		token string
		want  string
	}{
		{lenient, "a.b.c", "<nil>"},
		{lenient, "expired", "401 AuthenticationFail.OIDCToken.Expired"},
		{lenient, "invalid", "401 AuthenticationFail.OIDCToken.Invalid"},
		{lenient, "", "400 MissingParameter.OIDCToken"},
		{strict, secret, "<nil>"},
		{strict, "a.b.c", "401 AuthenticationFail.OIDCToken.InvalidSignature"},
		{strict, "expired", "401 AuthenticationFail.OIDCToken.Expired"},
	} {
		unsigned := test.b.with(nil)
		answer, err := unsigned.AssumeRoleWithOIDC(t.Context(), &assist.AssumeRoleWithOIDCRequest{
			OIDCProviderArn: "acs:ram::1:oidc-provider/idp", OIDCToken: test.token, RoleArn: testRole, RoleSessionName: "pod", DurationSeconds: 900,
		})
		if got := refusedWith(err); got != test.want {
			t.Errorf("token %q: %v, want %q", test.token, err, test.want)
		}
		if err != nil {
			continue
		}
		pod := test.b.as(answer.Credentials)
		if who := test.b.identity(pod); who.Arn != "acs:ram::1234567890123456:assumed-role/deploy/pod" {
			t.Errorf("%+v", who)
		}
		if err := test.b.listInstances(pod); err != nil {
			t.Error(err)
		}
		if test.b == lenient {
			clock.Advance(900 * time.Second)
			if got := refusedWith(lenient.listInstances(pod)); got != "400 InvalidSecurityToken.Expired" {
				t.Error(got)
			}
		}
	}
	if l, err := New(Options{AnyOIDCToken: true, AllowRemote: true}); err == nil {
		t.Error("a lab that other machines may reach accepts any token", l.Close())
	}
}

// TestUnsignedForms sends AssumeRoleWithOIDC like the official clients: the credentials library sends the common parameters
// in the query and the others in a form, and the core library sends the action in headers.
func TestUnsignedForms(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1), AnyOIDCToken: true})
	params := url.Values{
		"OIDCProviderArn": {"acs:ram::1:oidc-provider/idp"}, "OIDCToken": {"a.b.c"}, "RoleArn": {testRole}, "RoleSessionName": {"pod"},
		"DurationSeconds": {"3600"},
	}
	common := url.Values{"Action": {"AssumeRoleWithOIDC"}, "Version": {assist.STSVersion}, "Format": {"JSON"}, "Timestamp": {"2026-11-21T19:31:31Z"}}
	headers := http.Header{"X-Acs-Action": {"AssumeRoleWithOIDC"}, "X-Acs-Version": {assist.STSVersion}}
	send := func(method string, header http.Header, query, form url.Values) string {
		r := httptest.NewRequest(method, "http://127.0.0.1:8080/?"+query.Encode(), strings.NewReader(form.Encode()))
		if len(form) > 0 {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		maps.Copy(r.Header, header)
		w := serve(l, r)
		return fmt.Sprint(w.Code, " ", errorBody(t, w).Code)
	}
	all := maps.Clone(common)
	maps.Copy(all, params)
	for name, got := range map[string]string{
		"query and form":    send("POST", nil, common, params),
		"query alone":       send("GET", nil, all, nil),
		"form alone":        send("POST", nil, nil, all),
		"headers and form":  send("POST", headers, nil, params),
		"headers and query": send("POST", headers, params, nil),
	} {
		if got != "200 " {
			t.Errorf("%s: %s", name, got)
		}
	}

	regional := url.Values{"RegionId": {"cn-hangzhou"}}
	for _, action := range []string{"DescribeInstances", "RunCommand", "AssumeRole", "GetCallerIdentity", "LabFaultCounts"} {
		version := l.operations[action].version
		if got := send("POST", http.Header{"X-Acs-Action": {action}, "X-Acs-Version": {version}}, regional, params); got != "400 MissingParameter.AccessKeyId" {
			t.Errorf("%s without a signature, by headers: %s", action, got)
		}
		if got := send("POST", nil, url.Values{"Action": {action}, "Version": {version}}, params); got != "400 MissingParameter.AccessKeyId" {
			t.Errorf("%s without a signature: %s", action, got)
		}
	}
	wantNothingRun(t, l)
}

// TestIssuedKeysSurviveRestart opens the same data directory twice.
func TestIssuedKeysSurviveRestart(t *testing.T) {
	data := t.TempDir()
	var identities []assist.GetCallerIdentityResponse
	var keys assist.STSCredentials
	for range 2 {
		l, err := New(Options{Data: data, Instances: NumberedInstances(1), Kept: LeaveKept})
		if err != nil {
			t.Fatal(err)
		}
		b := open(t, l)
		if keys.AccessKeyId == "" {
			keys = b.assume(b.Client, testRole, "test", 0).Credentials
		}
		for _, c := range []*assist.Client{b.Client, b.as(keys)} {
			who := b.identity(c)
			who.RequestId = ""
			identities = append(identities, who)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if identities[0] != identities[2] || identities[1] != identities[3] {
		t.Errorf("%+v", identities)
	}
	other := newLab(t, Options{Instances: NumberedInstances(1)})
	b := open(t, other)
	if got := refusedWith(b.listInstances(b.as(keys))); got != "404 InvalidAccessKeyId.NotFound" {
		t.Errorf("at another lab: %s", got)
	}
}

func TestCallerIdentityInXML(t *testing.T) {
	l := newLab(t, Options{AccountId: "42"})
	w := serve(l, query(l, http.MethodGet, map[string]string{"Action": "GetCallerIdentity", "Format": "XML"}))
	var who struct {
		XMLName                      xml.Name
		AccountId, Arn, IdentityType string
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &who); err != nil || who.XMLName.Local != "GetCallerIdentityResponse" || who.Arn != "acs:ram::42:user/lab" {
		t.Errorf("%s, %v", w.Body, err)
	}
}
