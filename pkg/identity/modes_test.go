package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab"
)

// stsLab starts a lab, which also serves STS.
func stsLab(t *testing.T) (endpoint assist.Endpoint, id, secret string) {
	t.Helper()
	machine, err := lab.New(lab.Options{Region: "cn-hangzhou", Instances: lab.NumberedInstances(1), Dir: t.TempDir(), AnyOIDCToken: true})
	if err != nil {
		t.Fatal(err)
	}
	server, err := lab.Start(t.Context(), machine, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), machine.Close()); err != nil {
			t.Error(err)
		}
	})
	id, secret = machine.Key()
	return assist.Endpoint{Host: server.Endpoint()}, id, secret
}

// serveMetadata starts a fake metadata service of an instance with a role. It requires a token.
func serveMetadata(t *testing.T, id, secret string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut && r.URL.Path == tokenPath:
			_, _ = io.WriteString(w, "a-token")
		case r.Header.Get("X-aliyun-ecs-metadata-token") != "a-token":
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == rolePath:
			_, _ = io.WriteString(w, "web-role\n")
		case r.URL.Path == rolePath+"web-role":
			_, _ = fmt.Fprintf(w, `{"Code": "Success", "AccessKeyId": %q, "AccessKeySecret": %q, "Expiration": "2099-01-01T00:00:00Z"}`, id, secret)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// callerARN returns the ARN of the caller, as the lab reports it.
func callerARN(t *testing.T, endpoint assist.Endpoint, signer assist.Signer) (string, error) {
	t.Helper()
	transport := assist.NewTransport(assist.Timeouts{})
	t.Cleanup(transport.CloseIdleConnections)
	core, err := assist.NewCore(assist.CoreOptions{Endpoint: endpoint, Credentials: signer, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := assist.NewClient(core).GetCallerIdentity(t.Context(), new(assist.GetCallerIdentityRequest))
	if err != nil {
		return "", err
	}
	return answer.Arn, nil
}

// TestProfileModes tests every mode that a local server supports by the account of the calls, and that the file is unchanged.
func TestProfileModes(t *testing.T) {
	endpoint, id, secret := stsLab(t)
	w := newWorld(t)
	w.env["MUSTER_METADATA_ENDPOINT"] = serveMetadata(t, id, secret)
	uri := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(rw, `{"Code": "Success", "AccessKeyId": %q, "AccessKeySecret": %q, "SecurityToken": "", "Expiration": "2099-01-01T08:00:00+08:00"}`, id, secret)
	}))
	defer uri.Close()
	token := w.write("token.jwt", "a.jwt\n")
	helper := w.write("helper.sh", fmt.Sprintf(`echo '{"mode": "AK", "access_key_id": %q, "access_key_secret": %q}'`, id, secret))
	const arn = "acs:ram::1234567890123456:role/deploy"
	keys := map[string]any{"access_key_id": id, "access_key_secret": secret}
	with := func(mode string, fields ...any) map[string]any {
		p := map[string]any{"name": mode, "mode": mode, "unknown_key": 1}
		for i := 0; i < len(fields); i += 2 {
			p[fields[i].(string)] = fields[i+1]
		}
		return p
	}
	add := func(p map[string]any, more map[string]any) map[string]any {
		for key, value := range more {
			p[key] = value
		}
		return p
	}
	profiles := []map[string]any{
		add(with("AK"), keys),
		add(with("RamRoleArn", "ram_role_arn", arn, "ram_session_name", "of-muster", "expired_seconds", 900, "external_id", "x", "policy", `{"Version":"1","Statement":[]}`), keys),
		with("RamRoleArnWithRoleName", "ram_role_arn", arn, "ram_role_name", "web-role"),
		with("EcsRamRole", "ram_role_name", "web-role"),
		with("ChainableRamRoleArn", "ram_role_arn", arn, "source_profile", "External"),
		with("OIDC", "ram_role_arn", arn, "oidc_provider_arn", "acs:ram::1:oidc-provider/idp", "oidc_token_file", token),
		with("CredentialsURI", "credentials_uri", uri.URL),
		with("External", "process_command", "sh '"+helper+"'"),
	}
	text, err := json.Marshal(map[string]any{"current": "AK", "profiles": profiles})
	if err != nil {
		t.Fatal(err)
	}
	path := w.write(cliFile, string(text))
	for _, p := range profiles {
		mode := p["mode"].(string)
		o := w.options(mode, true)
		o.STS, o.Environ = endpoint, os.Environ()
		who, err := Find(t.Context(), o)
		if err != nil {
			t.Errorf("%s: %v", mode, err)
			continue
		}
		got, err := callerARN(t, endpoint, who)
		want := ":user/lab"
		switch mode {
		case "RamRoleArn":
			want = "assumed-role/deploy/of-muster"
		case "RamRoleArnWithRoleName", "ChainableRamRoleArn", "OIDC":
			want = "assumed-role/deploy/muster"
		}
		if err != nil || !strings.HasSuffix(got, want) || who.Mode != mode {
			t.Errorf("%s: %s, %v", mode, got, err)
		}
	}
	if readAll(t, path) != string(text) {
		t.Error("the file was written")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestOIDCFromEnvironment tests a token in a variable and a token in a file.
func TestOIDCFromEnvironment(t *testing.T) {
	endpoint, _, _ := stsLab(t)
	w := newWorld(t)
	w.env["ALIBABA_CLOUD_ROLE_ARN"], w.env["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"] = "acs:ram::1234567890123456:role/ci", "acs:ram::1:oidc-provider/idp"
	check := func(want string) {
		t.Helper()
		o := w.options("", false)
		o.STS = endpoint
		who, err := Find(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := callerARN(t, endpoint, who); err != nil || !strings.HasSuffix(got, "assumed-role/ci/job-7") || !strings.Contains(who.Source, want) {
			t.Errorf("%s from %s, %v", got, who.Source, err)
		}
	}
	w.env["ALIBABA_CLOUD_ROLE_SESSION_NAME"] = "job-7"
	w.env["ALIBABA_CLOUD_OIDC_TOKEN"] = "a.jwt"
	check("ALIBABA_CLOUD_OIDC_TOKEN)")
	w.env["ALIBABA_CLOUD_OIDC_TOKEN_FILE"] = w.write("token", "a.jwt")
	check("ALIBABA_CLOUD_OIDC_TOKEN_FILE)")
	w.env["ALIBABA_CLOUD_OIDC_TOKEN_FILE"] = filepath.Join(w.home, "missing")
	o := w.options("", false)
	o.STS = endpoint
	who, err := Find(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := who.Keys(t.Context()); err == nil || !strings.Contains(err.Error(), "read the OIDC token") {
		t.Errorf("%v", err)
	}
}

// TestMachineRole tests that the role of this machine is requested without a proxy, and that an HTML page is not a role's name.
func TestMachineRole(t *testing.T) {
	endpoint, id, secret := stsLab(t)
	w := newWorld(t)
	delete(w.env, "ALIBABA_CLOUD_ECS_METADATA_DISABLED")
	w.env["MUSTER_METADATA_ENDPOINT"] = serveMetadata(t, id, secret)
	who, err := Find(t.Context(), w.options("", false))
	if err != nil || who.Source != "the RAM role web-role of this machine" {
		t.Fatalf("%v, %v", who, err)
	}
	if got, err := callerARN(t, endpoint, who); err != nil || !strings.HasSuffix(got, ":user/lab") {
		t.Errorf("%s, %v", got, err)
	}
	login := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, "<html>please log in</html>")
	}))
	defer login.Close()
	w.env["MUSTER_METADATA_ENDPOINT"] = login.URL
	_, err = Find(t.Context(), w.options("", false))
	if missing, ok := errors.AsType[*assist.CredentialsError](err); !ok || missing.Source != "" || !strings.Contains(err.Error(), "is not from the metadata service of an instance") {
		t.Errorf("%v", err)
	}
	if transport := (&Options{Getenv: os.Getenv}).metadataService().client.Transport.(*http.Transport); transport.Proxy != nil {
		t.Error("the metadata service is requested through a proxy")
	}
}
