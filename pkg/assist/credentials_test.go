package assist

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aliyun/credentials-go/credentials/providers"
	"github.com/google/go-cmp/cmp"
)

// env is an environment.
func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// home gives a test a home directory with a file in it, and keeps the metadata service out of the way.
func home(t *testing.T, name, text string) (path string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
	path = filepath.Join(dir, name)
	if text != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

const (
	cliProfiles = ".aliyun/config.json"
	iniProfiles = ".alibabacloud/credentials"
)

// profiles is the aliyun CLI's configuration with two profiles.
const profiles = `{"current":"first","profiles":[
	{"name":"first","mode":"AK","access_key_id":"first-id","access_key_secret":"do-not-show-1"},
	{"name":"second","mode":"StsToken","access_key_id":"second-id","access_key_secret":"do-not-show-2","sts_token":"second-token"}]}`

// keys are what calls would be signed with.
type keys struct{ ID, Secret, Token string }

// kind is the library's word for keys with or without a token.
func (k keys) kind() string {
	if k.Token != "" {
		return "sts"
	}
	return "access_key"
}

func keysOf(t *testing.T, c *Credentials) keys {
	t.Helper()
	m, err := c.GetCredential()
	if err != nil {
		t.Fatal(err)
	}
	got := keys{*m.AccessKeyId, *m.AccessKeySecret, *m.SecurityToken}
	if *m.Type != got.kind() {
		t.Errorf("%+v are of the type %s", got, *m.Type)
	}
	return got
}

func TestStaticCredentials(t *testing.T) {
	c := StaticCredentials("an-id", "a-secret")
	if got, want := keysOf(t, c), (keys{"an-id", "a-secret", ""}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if diff := cmp.Diff([]string{"given keys: the access key id is empty"}, tried(t, StaticCredentials("", ""))); diff != "" {
		t.Error(diff)
	}
}

func TestCredentialsFromTheEnvironment(t *testing.T) {
	for _, prefix := range []string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"} {
		c := FindCredentials(CredentialsOptions{Getenv: env(map[string]string{
			prefix + "ACCESS_KEY_ID": "an-id", prefix + "ACCESS_KEY_SECRET": "a-secret", prefix + "SECURITY_TOKEN": "a-token",
		})})
		if got, want := keysOf(t, c), (keys{"an-id", "a-secret", "a-token"}); got != want {
			t.Errorf("%s: %+v, want %+v", prefix, got, want)
		}
	}
	c := FindCredentials(CredentialsOptions{Getenv: env(map[string]string{
		"ALICLOUD_ACCESS_KEY_ID": "other", "ALICLOUD_ACCESS_KEY_SECRET": "other", "ALIBABACLOUD_ACCESS_KEY_ID": "other",
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "an-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a-secret",
	})})
	if got, want := keysOf(t, c), (keys{"an-id", "a-secret", ""}); got != want {
		t.Errorf("the first name counts: %+v, want %+v", got, want)
	}
}

func TestCredentialsInOrder(t *testing.T) {
	set := map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "env-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env-secret"}
	path := home(t, cliProfiles, profiles)
	ini := filepath.Join(filepath.Dir(filepath.Dir(path)), iniProfiles)
	if err := os.MkdirAll(filepath.Dir(ini), 0o700); err != nil {
		t.Fatal(err)
	}
	text := "[default]\ntype = access_key\naccess_key_id = ini-id\naccess_key_secret = ini-secret\n"
	if err := os.WriteFile(ini, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		from CredentialsOptions
		want keys
	}{
		{"the environment first", CredentialsOptions{ProfileFile: path, Getenv: env(set)}, keys{"env-id", "env-secret", ""}},
		{"then the current profile", CredentialsOptions{ProfileFile: path, Getenv: env(nil)}, keys{"first-id", "do-not-show-1", ""}},
		{"then the credentials file", CredentialsOptions{Getenv: env(nil)}, keys{"ini-id", "ini-secret", ""}},
		{"a profile of another name", CredentialsOptions{Profile: "second", ProfileFile: path, Getenv: env(nil)}, keys{"second-id", "do-not-show-2", "second-token"}},
		{"which also stands back", CredentialsOptions{Profile: "second", ProfileFile: path, Getenv: env(set)}, keys{"env-id", "env-secret", ""}},
		{"unless it alone is asked for", CredentialsOptions{Profile: "second", ProfileOnly: true, ProfileFile: path, Getenv: env(set)}, keys{"second-id", "do-not-show-2", "second-token"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := keysOf(t, FindCredentials(test.from)); got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
}

func TestCredentialsFromAURI(t *testing.T) {
	home(t, cliProfiles, "")
	answer := map[string]string{
		"AccessKeyId": "an-id", "AccessKeySecret": "do-not-show", "SecurityToken": "a-token", "Expiration": "2099-01-01T00:00:00Z",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(answer) }))
	defer server.Close()
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", server.URL)
	if got, want := keysOf(t, FindCredentials(CredentialsOptions{Getenv: os.Getenv})), (keys{"an-id", "do-not-show", "a-token"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	delete(answer, "Expiration")
	tried(t, FindCredentials(CredentialsOptions{Getenv: os.Getenv}))
	t.Setenv("ALIBABA_CLOUD_CREDENTIALS_URI", noProxy+"/do-not-show")
	tried(t, FindCredentials(CredentialsOptions{Getenv: os.Getenv}))
}

// fleeting gives other keys each time, until it has none left.
type fleeting []string

func (f *fleeting) GetCredentials() (*providers.Credentials, error) {
	if len(*f) == 0 {
		return nil, errors.New("expired\nfor good")
	}
	id := (*f)[0]
	*f = (*f)[1:]
	return &providers.Credentials{AccessKeyId: id, AccessKeySecret: "s", SecurityToken: "t", ProviderName: "fleeting"}, nil
}

func (f *fleeting) GetProviderName() string { return "fleeting" }

func TestCredentialsAreAskedForAgain(t *testing.T) {
	opened := 0
	c := &Credentials{chain: []source{{"fleeting", func() (providers.CredentialsProvider, error) {
		opened++
		return &fleeting{"one", "two"}, nil
	}}}}
	if first, second := keysOf(t, c).ID, keysOf(t, c).ID; first != "one" || second != "two" {
		t.Errorf("%s, %s", first, second)
	}
	if diff := cmp.Diff([]string{"fleeting: expired"}, tried(t, c)); diff != "" {
		t.Error(diff)
	}
	if opened != 1 {
		t.Errorf("the provider was opened %d times", opened)
	}
}

func TestCredentialsAtOnce(t *testing.T) {
	path := home(t, cliProfiles, profiles)
	c := FindCredentials(CredentialsOptions{ProfileFile: path, Getenv: env(nil)})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got := keysOf(t, c).ID; got != "first-id" {
				t.Errorf("%s", got)
			}
			if err := c.Find(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestFind(t *testing.T) {
	if err := StaticCredentials("an-id", "a-secret").Find(t.Context()); err != nil {
		t.Error(err)
	}
	var missing *CredentialsError
	if err := StaticCredentials("", "").Find(t.Context()); !errors.As(err, &missing) {
		t.Errorf("the error is %T: %v", err, err)
	}
	synctest.Test(t, func(t *testing.T) {
		slow := make(chan struct{})
		c := &Credentials{chain: []source{{"slow", func() (providers.CredentialsProvider, error) {
			<-slow
			return nil, io.EOF
		}}}}
		ctx, cancel := context.WithCancelCause(t.Context())
		enough := errors.New("enough")
		go func() {
			synctest.Wait()
			cancel(enough)
		}()
		if err := c.Find(ctx); !errors.Is(err, enough) {
			t.Errorf("cancelled: %v", err)
		}
		close(slow)
	})
}

func TestLibrarysOldInterface(t *testing.T) {
	get := func(f func() (*string, error)) string {
		value, err := f()
		if err != nil {
			return "error"
		}
		return *value
	}
	for _, test := range []struct {
		c    *Credentials
		want []string
	}{
		{StaticCredentials("an-id", "a-secret"), []string{"an-id", "a-secret", ""}},
		{StaticCredentials("", ""), []string{"error", "error", "error"}},
	} {
		got := []string{get(test.c.GetAccessKeyId), get(test.c.GetAccessKeySecret), get(test.c.GetSecurityToken)}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Error(diff)
		}
		if *test.c.GetBearerToken() != "" || *test.c.GetType() != "access_key" {
			t.Errorf("bearer token %q, type %q", *test.c.GetBearerToken(), *test.c.GetType())
		}
	}
}
