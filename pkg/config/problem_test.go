package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestProblems(t *testing.T) {
	const gone = "{\n\"profiles\": [{\"name\": \"prod\", \"region_id\": \"cn-prod\"}],\n\"current\": \"gone\"}"
	tests := []struct {
		name                   string
		file, project, aliyun  string
		flags, env             map[string]string
		want                   []Problem
		profile, region        string
		profileNotFound, empty bool
	}{
		{
			name: "each value separately", file: "rate: abc\npage-size: 7\nregion: cn-x\nquiet: [a]\n",
			want:   []Problem{{Kind: BadSetting, Key: "quiet", Path: "~/muster/config.yaml", Line: 4}, {Kind: BadSetting, Key: "rate", Path: "~/muster/config.yaml", Line: 1}},
			region: "cn-x",
		},
		{
			name: "one whole file, and not the other", file: "region: cn-own\n", project: "rate: 3\n\tregion: cn-y",
			want: []Problem{{Kind: BadSetting, Path: "~/.muster.yaml", Line: 2}}, region: "cn-own",
		},
		{
			name: "a project's endpoint", project: "rate: 3\nendpoint: ecs.evil.example",
			want: []Problem{{Kind: BadSetting, Key: "endpoint", Path: "~/.muster.yaml", Line: 2}},
		},
		{name: "a variable", env: map[string]string{"MUSTER_RATE": "abc"}, want: []Problem{{Kind: BadSetting, Key: "rate"}}},
		{name: "a flag", flags: map[string]string{"rate": "abc"}, want: []Problem{{Kind: BadFlag, Key: "rate"}}},
		{
			name: "a missing current profile", aliyun: gone,
			want: []Problem{{Kind: BadProfile, Key: "profile", Path: "~/.aliyun/config.json", Line: 3}},
		},
		{
			name: "a missing current profile, and another one requested", aliyun: gone, flags: map[string]string{"profile": "prod"},
			profile: "prod", region: "cn-prod",
		},
		{name: "a missing current profile, and no profile requested", aliyun: gone, flags: map[string]string{"profile": ""}},
		{name: "a broken config.json, and no profile requested", aliyun: "{", flags: map[string]string{"profile": ""}},
		{
			name: "a broken config.json", aliyun: "{\n,", env: map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-env"},
			want: []Problem{{Kind: BadProfile, Path: "~/.aliyun/config.json", Line: 2}}, region: "cn-env",
		},
		{
			name: "a broken config.json, and a profile requested", aliyun: "{\n,", env: map[string]string{"ALIBABA_CLOUD_PROFILE": "x"},
			want: []Problem{{Kind: BadProfile, Path: "~/.aliyun/config.json", Line: 2}}, profile: "x",
		},
		{
			name: "a file's profile that does not exist", aliyun: gone, file: "rate: 3\nprofile: nope",
			want: []Problem{{Kind: BadProfile, Key: "profile", Path: "~/muster/config.yaml", Line: 2}}, profile: "nope",
		},
		{
			name: "muster's own variable", aliyun: gone, env: map[string]string{"MUSTER_PROFILE": "nope"},
			want: []Problem{{Kind: BadProfile, Key: "profile"}}, profile: "nope",
		},
		{
			name: "the cloud's variable", aliyun: gone, file: "profiles: {section: {region: cn-block}}", env: map[string]string{"ALICLOUD_PROFILE": "section"},
			profile: "section", region: "cn-block", profileNotFound: true,
		},
		{name: "the cloud's variable without a config.json", env: map[string]string{"ALIBABA_CLOUD_PROFILE": "section"}, profile: "section", profileNotFound: true},
		{name: "an empty config.json", aliyun: " \n", empty: true},
		{
			name: "an empty config.json, and a profile requested", aliyun: "\ufeff", flags: map[string]string{"profile": "x"},
			want: []Problem{{Kind: BadProfile, Key: "profile"}}, profile: "x", empty: true,
		},
		{
			name: "byte order marks", file: "\ufeffrate: abc", aliyun: "\ufeff" + gone, project: "\ufeffregion: cn-project",
			want: []Problem{
				{Kind: BadProfile, Key: "profile", Path: "~/.aliyun/config.json", Line: 3},
				{Kind: BadSetting, Key: "rate", Path: "~/muster/config.yaml", Line: 1},
			},
			region: "cn-project",
		},
		{name: "the lab needs no config.json", aliyun: "{", flags: map[string]string{"profile": "lab"}, profile: "lab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.flags, w.env = tt.flags, tt.env
			for path, content := range map[string]string{"muster/config.yaml": tt.file, ".muster.yaml": tt.project, ".aliyun/config.json": tt.aliyun} {
				if content != "" {
					w.write(path, content)
				}
			}
			c := Load(w.in("."))
			got := append([]Problem(nil), c.Problems...)
			for i := range got {
				got[i].Path = slash(got[i].Path)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Problem{}, "Err")); diff != "" {
				t.Error(diff)
			}
			want := []any{tt.profile, tt.region, tt.profileNotFound, tt.empty}
			if diff := cmp.Diff(want, []any{c.Profile, c.Region, c.ProfileNotFound != nil, c.EmptyProfileFile != ""}); diff != "" {
				t.Errorf("profile, region, not found, empty: %s", diff)
			}
			if c.RatePerSecond != 15 && c.RatePerSecond != 3 || c.Warnings != nil {
				t.Errorf("got rate %g, warnings %q", c.RatePerSecond, c.Warnings)
			}
		})
	}
}

// TestProblemLeavesDefault tests that a setting that cannot be used has its default, and default as its origin.
func TestProblemLeavesDefault(t *testing.T) {
	for _, key := range Keys() {
		if key.Name == keyProfile {
			continue
		}
		w := newWorld(t)
		w.env[key.Env()] = "?"
		o := w.options()
		o.Outputs = []string{"table"}
		c := Load(o)
		if len(c.Problems) != 1 || c.Problems[0].Key != key.Name {
			t.Errorf("%s: %+v", key.Name, c.Problems)
		}
		without := newWorld(t).load()
		if diff := cmp.Diff(without.Settings(), c.Settings()); diff != "" {
			t.Errorf("%s: %s", key.Name, diff)
		}
	}
}

func TestUnusableHome(t *testing.T) {
	w := newWorld(t)
	w.write("file", "")
	homes := []string{"", os.DevNull, filepath.Join(w.home, "file")}
	if os.Geteuid() != 0 {
		closed := filepath.Join(w.home, "closed")
		w.write("closed/.aliyun/config.json", "{")
		if err := os.Chmod(closed, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(closed, 0o700) })
		homes = append(homes, closed)
	}
	for _, home := range homes {
		t.Setenv("HOME", home)
		t.Setenv("USERPROFILE", home)
		o := Options{WorkDir: w.home}
		if c := Load(o); c.Problems != nil || c.Warnings != nil {
			t.Errorf("%q: %+v, %q", home, c.Problems, c.Warnings)
		}
		if dir, err := StateDir(o); err == nil {
			t.Errorf("%q: state directory %s", home, dir)
		}
		if _, list, err := Profiles(o); err != nil || len(list) != 1 {
			t.Errorf("%q: %v, %v", home, list, err)
		}
	}
}

func TestMissingHome(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	clearEnv(t)
	t.Setenv("HOME", missing)
	t.Setenv("LocalAppData", missing)
	if dir, err := StateDir(Options{}); err != nil {
		t.Errorf("got %q, %v", dir, err)
	}
}

func TestFilesBelowAFile(t *testing.T) {
	w := newWorld(t)
	w.write(".aliyun", "")
	w.write("muster", "")
	w.load()
}

func TestAddKeepsByteOrderMark(t *testing.T) {
	w := newWorld(t)
	w.file("\ufeffrate: 3")
	if _, err := Add(w.options(), []Setting{{Key: "region", Value: "cn-x"}}); err != nil {
		t.Fatal(err)
	}
	if c := w.load(); c.Region != "cn-x" || c.RatePerSecond != 3 {
		t.Errorf("got %q, %g", c.Region, c.RatePerSecond)
	}
}

func TestErrorTexts(t *testing.T) {
	cause := errors.New("permission denied")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&Error{Key: "rate", Value: "x", Origin: "env MUSTER_RATE", Reason: "must be a number"}, `rate: "x" (env MUSTER_RATE): must be a number`},
		{&FileError{Path: "~/c.yaml", Line: 3, Err: cause}, "~/c.yaml:3: permission denied"},
		{&FileError{Path: "~/c.yaml", Err: cause}, "~/c.yaml: permission denied"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	if !errors.Is(&FileError{Err: cause}, cause) {
		t.Error("the error does not wrap its cause")
	}
}
