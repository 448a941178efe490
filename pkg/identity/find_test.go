package identity

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
)

// world is a home directory and an environment.
type world struct {
	t    *testing.T
	home string
	env  map[string]string
}

func newWorld(t *testing.T) *world {
	return &world{t, t.TempDir(), map[string]string{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}}
}

func (w *world) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.home, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		w.t.Fatal(err)
	}
	return path
}

const (
	cliFile = ".aliyun/config.json"
	iniFile = ".alibabacloud/credentials"
)

func (w *world) options(profile string, named bool) Options {
	o := Options{
		Profile: profile, Named: named, Home: w.home, Getenv: func(name string) string { return w.env[name] }, Transport: http.DefaultTransport,
	}
	if path := filepath.Join(w.home, cliFile); exists(path) {
		o.ProfileFile = path
	}
	return o
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// find returns the access key id and the source that Find finds.
func (w *world) find(profile string, named bool) (id, source string, err error) {
	who, err := Find(w.t.Context(), w.options(profile, named))
	if err != nil {
		return "", "", err
	}
	keys, err := who.Keys(w.t.Context())
	return keys.AccessKeyId, who.Source, err
}

const twoProfiles = `{"current": "prod", "profiles": [
	{"name": "prod", "mode": "AK", "access_key_id": "prod-id", "access_key_secret": "prod-secret"},
	{"name": "other", "mode": "AK", "access_key_id": "other-id", "access_key_secret": "other-secret"},
	{"name": "odd", "mode": "Odd"}, {"name": "half", "mode": "AK", "access_key_id": "half-id"},
	{"name": "rsa", "mode": "RsaKeyPair"},
	{"name": "loop", "mode": "ChainableRamRoleArn", "source_profile": "loop2", "ram_role_arn": "acs:ram::1:role/r"},
	{"name": "loop2", "mode": "ChainableRamRoleArn", "source_profile": "loop", "ram_role_arn": "acs:ram::1:role/r"}]}`

const sections = `
[default]
type = access_key
access_key_id = ini-id
access_key_secret = ini-secret
[temporary]
type = sts
access_key_id = sts-id
access_key_secret = sts-secret
security_token = token
[nameless]
type = access_key
[typeless]
access_key_id = x
[off]
enable = false
`

// TestPrecedence tests that the first source that is present decides.
func TestPrecedence(t *testing.T) {
	w := newWorld(t)
	keyServer := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = rw.Write([]byte(`{"AccessKeyId": "uri-id", "AccessKeySecret": "uri-secret", "SecurityToken": "t", "Expiration": "2099-01-01T00:00:00Z"}`))
	}))
	defer keyServer.Close()
	w.env["ALIBABA_CLOUD_CREDENTIALS_URI"] = keyServer.URL
	check := func(profile string, named bool, wantID, wantSource string) {
		t.Helper()
		if id, source, err := w.find(profile, named); id != wantID || !strings.Contains(source, wantSource) || err != nil {
			t.Errorf("%s from %s, %v; want %s from %s", id, source, err, wantID, wantSource)
		}
	}
	check("", false, "uri-id", "credentials URI")
	w.write(iniFile, sections)
	check("", false, "ini-id", "section default of ~/"+iniFile)
	w.write(cliFile, twoProfiles)
	check("", false, "prod-id", "profile prod (~/"+cliFile+")")
	check("other", false, "other-id", "profile other")
	check("temporary", false, "sts-id", "section temporary") // ALIBABA_CLOUD_PROFILE names a section
	check("temporary", true, "sts-id", "section temporary")
	w.env["ALIBABA_CLOUD_ACCESS_KEY_ID"], w.env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "env-id", "env-secret"
	check("", false, "env-id", "the environment")
	check("other", false, "env-id", "the environment")
	check("other", true, "other-id", "profile other")
}

// TestBrokenSourceIsNotSkipped tests that a source that is present but does not work is an error.
func TestBrokenSourceIsNotSkipped(t *testing.T) {
	for _, test := range []struct {
		name, cli, ini string
		env            map[string]string
		profile        string
		want           string
	}{
		{name: "half a pair", env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "id"}, want: "ALIBABA_CLOUD_ACCESS_KEY_ID is set, and ALIBABA_CLOUD_ACCESS_KEY_SECRET is not"},
		{name: "the other half", env: map[string]string{"ALICLOUD_ACCESS_KEY_SECRET": "s"}, want: "ALICLOUD_ACCESS_KEY_SECRET is set, and ALIBABA_CLOUD_ACCESS_KEY_ID is not"},
		{name: "no such current", cli: strings.Replace(twoProfiles, `"prod"`, `"foo"`, 1), want: `there is no profile "foo"`},
		{name: "not JSON", cli: `{"current": `, want: "the file is not valid JSON"},
		{name: "wrong type", cli: `{"current": 5}`, want: "current must not be of the type number"},
		{name: "odd mode", cli: twoProfiles, profile: "odd", want: `mode "Odd" is not known`},
		{name: "incomplete profile", cli: twoProfiles, profile: "half", want: "it has no access_key_secret, which mode AK requires"},
		{name: "unsupported mode", cli: twoProfiles, profile: "rsa", want: "mode RsaKeyPair is not supported"},
		{name: "a loop", cli: twoProfiles, profile: "loop", want: "leads back to it: loop -> loop2 -> loop"},
		{name: "unknown profile", cli: twoProfiles, profile: "nowhere", want: "there is no such profile in ~/.aliyun/config.json and in ~/.alibabacloud/credentials"},
		{name: "nameless", ini: sections, profile: "nameless", want: "it has no access_key_id, which type = access_key requires"},
		{name: "typeless", ini: sections, profile: "typeless", want: "it has no type"},
		{name: "not INI", ini: "[", want: "not in INI format"},
		{name: "OIDC without a role", env: map[string]string{"ALIBABA_CLOUD_OIDC_TOKEN": "jwt", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "p"}, want: "ALIBABA_CLOUD_ROLE_ARN is not set"},
		{name: "OIDC without a provider", env: map[string]string{"ALIBABA_CLOUD_OIDC_TOKEN_FILE": "f"}, want: "ALIBABA_CLOUD_OIDC_PROVIDER_ARN is not set"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.env["ALIBABA_CLOUD_CREDENTIALS_URI"] = "http://127.0.0.1:1/never"
			for name, value := range test.env {
				w.env[name] = value
			}
			if test.cli != "" {
				w.write(cliFile, test.cli)
			}
			if test.ini != "" {
				w.write(iniFile, test.ini)
			}
			_, _, err := w.find(test.profile, false)
			wrong, ok := errors.AsType[*assist.CredentialsError](err)
			if !ok || wrong.Source == "" || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want %s", err, test.want)
			}
		})
	}
}

// TestEmptySourcesAreAbsent tests files without keys.
func TestEmptySourcesAreAbsent(t *testing.T) {
	w := newWorld(t)
	w.write(cliFile, "\xef\xbb\xbf{\"current\": \"default\", \"profiles\": [{\"name\": \"default\", \"mode\": \"AK\", \"access_key_id\": \"\", \"access_key_secret\": \"\"}]}")
	w.write(iniFile, "[default]\nenable = false\n")
	_, _, err := w.find("", false)
	missing, ok := errors.AsType[*assist.CredentialsError](err)
	if !ok || missing.Source != "" || len(missing.Tried) != 6 {
		t.Fatalf("%v", err)
	}
	for _, text := range []string{"", "  \n"} {
		w.write(cliFile, text)
		_, _, err := w.find("", false)
		if missing, ok := errors.AsType[*assist.CredentialsError](err); !ok || missing.Source != "" {
			t.Errorf("%v", err)
		}
	}
}

func TestStoredKeys(t *testing.T) {
	w := newWorld(t)
	profile := func(mode string, end time.Time) {
		w.write(cliFile, `{"current": "sso", "profiles": [{"name": "sso", "mode": "`+mode+`", "access_key_id": "sts-id", "access_key_secret": "s",
			"sts_token": "t", "sts_expiration": `+itoa(end.Unix())+`}]}`)
	}
	for _, mode := range []string{"CloudSSO", "OAuth"} {
		profile(mode, time.Now().Add(time.Hour))
		before := readAll(t, filepath.Join(w.home, cliFile))
		if id, _, err := w.find("", false); id != "sts-id" || err != nil {
			t.Errorf("%s: %s, %v", mode, id, err)
		}
		if readAll(t, filepath.Join(w.home, cliFile)) != before {
			t.Errorf("%s: the file was written", mode)
		}
		profile(mode, time.Now().Add(-time.Hour))
		_, _, err := w.find("", false)
		if wrong, ok := errors.AsType[*assist.CredentialsError](err); !ok || !strings.Contains(wrong.Remedy, "aliyun configure --mode "+mode) {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// TestKeyWithLineBreak tests the error for a key from a file that was saved on Windows. It must not include the key.
func TestKeyWithLineBreak(t *testing.T) {
	w := newWorld(t)
	w.env["ALIBABA_CLOUD_ACCESS_KEY_ID"], w.env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = "id", "do-not-show\r"
	_, _, err := w.find("", false)
	wrong, ok := errors.AsType[*assist.CredentialsError](err)
	if !ok || !strings.Contains(err.Error(), "carriage return") || strings.Contains(err.Error(), "do-not-show") || !strings.Contains(wrong.Source, "environment") {
		t.Errorf("%v", err)
	}
}
