package identity

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func readAll(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSplitCommand(t *testing.T) {
	for line, want := range map[string][]string{
		"": nil, "  a  b\tc ": {"a", "b", "c"}, `a "b c" 'd e'`: {"a", "b c", "d e"}, `a "" b`: {"a", "", "b"}, `a\ b "c\"d" 'e\f'`: {"a b", `c"d`, `e\f`},
		`"a\b"`: {`a\b`}, `a;b|c $HOME *`: {"a;b|c", "$HOME", "*"}, "a\\\nb": {"ab"}, `a\`: {`a\`},
	} {
		if got, err := splitCommand(line, false); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", line, got, err, want)
		}
	}
	for _, line := range []string{`"a`, `'a`, `a "b' c`} {
		if got, err := splitCommand(line, false); err == nil {
			t.Errorf("%q: %q", line, got)
		}
	}
	if got, err := splitCommand(`"C:\Program Files\x.exe" C:\a\b --say "a\"b" it's`, true); err != nil || !slices.Equal(got, []string{`C:\Program Files\x.exe`, `C:\a\b`, "--say", `a"b`, "it's"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestParseExpiration(t *testing.T) {
	want := time.Date(2027, 6, 6, 13, 15, 30, 0, time.UTC)
	for _, text := range []string{"2027-06-06T13:15:30Z", "2027-06-06T21:15:30+08:00", "2027-06-06T21:15:30+0800", itoa(want.Unix()), itoa(want.UnixMilli()), "2027-06-06 21:15:30+08:00"} {
		if got, err := parseExpiration(text); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if _, err := parseExpiration("tomorrow"); err == nil {
		t.Error("tomorrow is accepted")
	}
}

// shellHelper returns a fetch that runs a shell script as a helper.
func shellHelper(t *testing.T, script string) fetch {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a helper.sh")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	run, err := external(`sh "`+path+`"`, append(os.Environ(), "OF_HELPERS=yes"))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestHelpers(t *testing.T) {
	const keys = `{"mode": "StsToken", "access_key_id": "id", "access_key_secret": "do-not-show", "sts_token": "tok", "expiration": "2099-01-01T08:00:00+08:00"}`
	for script, want := range map[string]string{
		"echo '" + keys + "'":                                                          "",
		"echo a greeting; echo '" + keys + "'":                                         "", // a line before the JSON
		"echo a warning >&2; echo '" + keys + "'":                                      "",
		"[ \"$OF_HELPERS\" = yes ] && echo '" + keys + "'":                             "",
		"echo do-not-show; echo sign in first >&2; exit 3":                             "failed: exit status 3; it prints: sign in first",
		"echo do-not-show":                                                             "printed no JSON with keys",
		"echo '{\"access_key_id\": \"id\"}'":                                           "returned no access_key_id and access_key_secret",
		"echo '" + strings.Replace(keys, "tok", "", 1) + "'":                           "returned mode StsToken without an sts_token",
		"echo '" + strings.Replace(keys, "2099-01-01T08:00:00+08:00", "soon", 1) + "'": "returned an expiration that is not a time",
		"echo '" + strings.Replace(keys, "StsToken", "RamRoleArn", 1) + "'":            "returned keys of mode \"RamRoleArn\": only AK and StsToken are supported",
		"yes do-not-show":                                                              "failed: it printed too much",
	} {
		got, err := shellHelper(t, script)(t.Context())
		if want == "" {
			want := assist.Keys{AccessKeyId: "id", AccessKeySecret: "do-not-show", SecurityToken: "tok", Expiration: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v, %s", script, err, diff)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "do-not-show") {
			t.Errorf("%s: %v; want %s", script, err, want)
		}
	}
}

func TestReadAnswer(t *testing.T) {
	for text, want := range map[string]assist.Keys{
		`{"Code": "Success", "AccessKeyId": "id", "AccessKeySecret": "s", "SecurityToken": "t", "Expiration": "2027-06-06T13:15:30Z"}`: {
			AccessKeyId: "id", AccessKeySecret: "s", SecurityToken: "t", Expiration: time.Date(2027, 6, 6, 13, 15, 30, 0, time.UTC),
		},
		`{"AccessKeyId": "id", "AccessKeySecret": "s"}`: {AccessKeyId: "id", AccessKeySecret: "s"},
	} {
		if got, err := readAnswer([]byte(text)); err != nil || got != want {
			t.Errorf("%v, %v; want %v", got, err, want)
		}
	}
	for _, text := range []string{"", "<html>do-not-show", `{"AccessKeyId": "id"}`} {
		if _, err := readAnswer([]byte(text)); err == nil || strings.Contains(err.Error(), "do-not-show") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
