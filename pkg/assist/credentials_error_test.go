package assist

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tried are the places that an error names.
func tried(t *testing.T, c *Credentials) []string {
	t.Helper()
	_, err := c.GetCredential()
	var missing *CredentialsError
	if !errors.As(err, &missing) {
		t.Fatalf("the error is %T: %v", err, err)
	}
	if strings.Contains(err.Error(), "do-not-show") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error shows too much: %v", err)
	}
	return missing.Tried
}

func TestNoCredentials(t *testing.T) {
	path := home(t, cliProfiles, "")
	tests := []struct {
		name string
		from CredentialsOptions
		want []string
	}{
		{"nothing set", CredentialsOptions{Getenv: env(nil)}, []string{
			"environment: ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set",
			"credentials file: ERROR: Can not open file", "instance metadata: IMDS credentials is disabled",
		}},
		{"an id without its secret", CredentialsOptions{Getenv: env(map[string]string{"ALICLOUD_ACCESS_KEY_ID": "do-not-show"})}, []string{
			"environment: ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set",
			"credentials file: ERROR: Can not open file", "instance metadata: IMDS credentials is disabled",
		}},
		{"a secret without its id", CredentialsOptions{Getenv: env(map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "do-not-show"})}, []string{
			"environment: ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
			"credentials file: ERROR: Can not open file", "instance metadata: IMDS credentials is disabled",
		}},
		{"everything looked at", CredentialsOptions{ProfileFile: path, Getenv: env(map[string]string{
			"ALIBABA_CLOUD_OIDC_TOKEN_FILE": "token", "ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:1",
		})}, []string{
			"environment: ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set",
			"OIDC: the OIDCTokenFilePath is empty", "profile: " + path + " does not exist",
			"credentials file: ERROR: Can not open file", "instance metadata: IMDS credentials is disabled",
			"credentials URI: the url is empty",
		}},
		{"a named profile without its file", CredentialsOptions{Profile: "p", ProfileOnly: true, ProfileFile: path, Getenv: env(nil)}, []string{
			"profile p: " + path + " does not exist",
		}},
		{"a named profile and no file to look in", CredentialsOptions{Profile: "p", ProfileOnly: true, Getenv: env(nil)}, []string{
			"profile p: the aliyun CLI's configuration is not to be read",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, tried(t, FindCredentials(test.from))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// With nothing set at all, the metadata service is asked too. TestMain sees to it that it is not reached.
func TestNoCredentialsAndNoInstance(t *testing.T) {
	home(t, cliProfiles, "")
	t.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "")
	places := tried(t, FindCredentials(CredentialsOptions{Getenv: env(nil)}))
	if last := places[len(places)-1]; !strings.HasPrefix(last, "instance metadata: ") || strings.Contains(last, "disabled") {
		t.Errorf("the last place is %q", last)
	}
}

func TestBrokenProfilesAreNamedWithoutTheirContent(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		names bool
		want  string
	}{
		"cut off":         {`{"current":"p","profiles":[{"access_key_secret":"do-not-show`, true, "is not valid JSON"},
		"a wrong type":    {`{"current":"p","profiles":[{"name":"p","mode":"AK","access_key_secret":"do-not-show","expired_seconds":"3600"}]}`, true, "unmarshal aliyun cli config"},
		"a wrong shape":   {`{"current":"p","profiles":{"access_key_secret":"do-not-show"}}`, true, "unmarshal aliyun cli config"},
		"no profiles":     {`{"current":"p","access_key_secret":"do-not-show"}`, true, "no any configured profiles"},
		"another profile": {`{"current":"p","profiles":[{"name":"q","access_key_secret":"do-not-show"}]}`, false, "unable to get profile with 'p'"},
		"an unknown mode": {`{"current":"p","profiles":[{"name":"p","mode":"X","access_key_secret":"do-not-show"}]}`, false, "unsupported profile mode 'X'"},
		"no id":           {`{"current":"p","profiles":[{"name":"p","mode":"AK","access_key_secret":"do-not-show"}]}`, false, "the access key id is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			path := home(t, cliProfiles, test.text)
			for _, from := range []CredentialsOptions{{}, {Profile: "p"}, {Profile: "p", ProfileOnly: true}} {
				from.ProfileFile, from.Getenv = path, env(nil)
				places := strings.Join(tried(t, FindCredentials(from)), "\n")
				if !strings.Contains(places, test.want) {
					t.Errorf("no %q in %s", test.want, places)
				}
				if test.names && !strings.Contains(places, path) {
					t.Errorf("the file is not named: %s", places)
				}
			}
		})
	}
}

func TestBrokenCredentialsFileIsNotShown(t *testing.T) {
	home(t, iniProfiles, "[default]\naccess_key_secret do-not-show\n")
	tried(t, FindCredentials(CredentialsOptions{Getenv: env(nil)}))
}
