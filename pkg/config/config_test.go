package config

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestDefaults(t *testing.T) {
	c := newWorld(t).load()
	want := &Config{
		Output: "table", RunBatch: 50, InvokeBatch: 100, PageSize: 50, RatePerSecond: 15, KeepDays: 90,
		ConnectTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
	}
	if diff := cmp.Diff(want, c, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".origins" }, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
	for _, s := range c.Settings() {
		if s.Origin != OriginDefault {
			t.Errorf("%s comes from %s", s.Key, s.Origin)
		}
	}
}

// TestOrder sets a region in each subset of the sources and expects the value of the highest.
func TestOrder(t *testing.T) {
	places := []struct {
		value, origin string
		put           func(w *world, value string)
	}{
		{"from-flag", "flag --region", func(w *world, v string) { w.flags["region"] = v }},
		{"from-env", "env MUSTER_REGION", func(w *world, v string) { w.env["MUSTER_REGION"] = v }},
		{"from-file", "file ~/muster/config.yaml", func(w *world, v string) { w.file("region: " + v) }},
		{"from-profile", "profile p (~/.aliyun/config.json)", func(w *world, v string) {
			w.aliyun(`{"current": "p", "profiles": [{"name": "p", "region_id": "` + v + `"}]}`)
		}},
		{"from-cloud", "env ALIBABA_CLOUD_REGION_ID", func(w *world, v string) { w.env["ALIBABA_CLOUD_REGION_ID"] = v }},
		{"from-cloud2", "env ALIBABACLOUD_REGION_ID", func(w *world, v string) { w.env["ALIBABACLOUD_REGION_ID"] = v }},
		{"from-ali", "env ALICLOUD_REGION_ID", func(w *world, v string) { w.env["ALICLOUD_REGION_ID"] = v }},
	}
	for set := range 1 << len(places) {
		w := newWorld(t)
		want := Setting{"region", "", OriginDefault}
		for i := len(places) - 1; i >= 0; i-- {
			if set&(1<<i) != 0 {
				places[i].put(w, places[i].value)
				want = Setting{"region", places[i].value, places[i].origin}
			}
		}
		c := w.load()
		if got := (Setting{"region", c.Region, slash(c.Origin("region"))}); got != want {
			t.Errorf("places %07b: got %v, want %v", set, got, want)
		}
	}
}

func TestProfileOrder(t *testing.T) {
	tests := []struct {
		name, profile, region, origin string
		flags, env                    map[string]string
		file                          string
	}{
		{name: "current", profile: "prod", region: "cn-prod", origin: "current of ~/.aliyun/config.json"},
		{
			name: "cloud variable before current", profile: "staging", origin: "env ALICLOUD_PROFILE",
			env: map[string]string{"ALICLOUD_PROFILE": "staging"},
		},
		{
			name: "file before cloud variable", profile: "staging", origin: "file ~/muster/config.yaml",
			env: map[string]string{"ALIBABA_CLOUD_PROFILE": "prod"}, file: "profile: staging",
		},
		{
			name: "variable before file", profile: "prod", region: "cn-prod", origin: "env MUSTER_PROFILE",
			env: map[string]string{"MUSTER_PROFILE": "prod"}, file: "profile: staging",
		},
		{
			name: "flag before variable", profile: "staging", origin: "flag --profile",
			flags: map[string]string{"profile": "staging"}, env: map[string]string{"MUSTER_PROFILE": "prod"},
		},
		{
			name: "a chosen profile's region before the cloud variable", profile: "prod", region: "cn-prod", origin: "flag --profile",
			flags: map[string]string{"profile": "prod"}, env: map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-env"},
		},
		{
			name: "the cloud variable for what the profile leaves empty", profile: "staging", region: "cn-env", origin: "flag --profile",
			flags: map[string]string{"profile": "staging"}, env: map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-env"},
		},
		{
			name: "muster's variable before a chosen profile's region", profile: "prod", region: "cn-mine", origin: "flag --profile",
			flags: map[string]string{"profile": "prod"}, env: map[string]string{"MUSTER_REGION": "cn-mine"},
		},
		{
			name: "none, on request", profile: "", region: "cn-env", origin: "flag --profile",
			flags: map[string]string{"profile": ""}, env: map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-env"},
		},
		{
			name: "aliyun's file ignored", profile: "", region: "cn-env", origin: OriginDefault,
			env: map[string]string{"ALIBABA_CLOUD_IGNORE_PROFILE": "TRUE", "ALIBABA_CLOUD_PROFILE": "prod", "ALIBABA_CLOUD_REGION_ID": "cn-env"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.aliyun(twoProfiles)
			w.flags, w.env = tt.flags, tt.env
			if tt.file != "" {
				w.file(tt.file)
			}
			c := w.load()
			if c.Profile != tt.profile || c.Region != tt.region || slash(c.Origin("profile")) != tt.origin {
				t.Errorf("got profile %q from %s, region %q", c.Profile, c.Origin("profile"), c.Region)
			}
			if want := tt.name != "current" && tt.profile != ""; c.ProfileChosen != want {
				t.Errorf("got ProfileChosen %t", c.ProfileChosen)
			}
			wantFile := ""
			if tt.profile != "" {
				wantFile = filepath.Join(w.home, ".aliyun", "config.json")
			}
			if c.ProfileFile != wantFile {
				t.Errorf("got profile file %q, want %q", c.ProfileFile, wantFile)
			}
		})
	}
}

func TestRegions(t *testing.T) {
	for text, want := range map[string][]string{"": nil, "a": {"a"}, "cn-b,cn-a,cn-b": {"cn-b", "cn-a"}} {
		if got := (&Config{Region: text}).Regions(); !slices.Equal(got, want) {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
	w := newWorld(t)
	for _, text := range []string{"a,", ",", "a,,b", "a, b"} {
		w.flags["region"] = text
		if c := Load(w.options()); problemOf(c) == nil {
			t.Errorf("--region %q is accepted, as %q", text, c.Regions())
		}
	}
}

func TestEndpointOrder(t *testing.T) {
	w := newWorld(t)
	w.aliyun(twoProfiles)
	w.env["ALIBABA_CLOUD_ENDPOINT"] = "ecs.env.example"
	if c := w.load(); c.Endpoint != "ecs.prod.example" {
		t.Errorf("with a profile's own endpoint: %q", c.Endpoint)
	}
	w.flags["profile"] = "staging"
	if c := w.load(); c.Endpoint != "ecs.env.example" {
		t.Errorf("with a profile that has none: %q", c.Endpoint)
	}
	w.env["MUSTER_ENDPOINT"] = "http://127.0.0.1:8080"
	if c := w.load(); c.Endpoint != "http://127.0.0.1:8080" {
		t.Errorf("with MUSTER_ENDPOINT: %q", c.Endpoint)
	}
}

// TestEndpointURL verifies that a URL adds its scheme to the endpoint with the same address, and to no other.
func TestEndpointURL(t *testing.T) {
	for _, c := range []struct{ endpoint, link, want string }{
		{"10.0.0.5:8080", "http://10.0.0.5:8080", "http://10.0.0.5:8080"},
		{"127.0.0.1:8080", "https://127.0.0.1:8080", "https://127.0.0.1:8080"},
		{"ecs-cn-hangzhou.aliyuncs.com", "http://10.0.0.5:8080", "ecs-cn-hangzhou.aliyuncs.com"},
		{"10.0.0.5:8080", "http://10.0.0.5:80801", "10.0.0.5:8080"},
		{"10.0.0.5:8080", "http://10.0.0.5:8080/", "10.0.0.5:8080"},
		{"10.0.0.5:8080", "ftp://10.0.0.5:8080", "10.0.0.5:8080"},
		{"10.0.0.5:8080", "10.0.0.5:8080", "10.0.0.5:8080"},
		{"https://10.0.0.5:8080", "http://10.0.0.5:8080", "https://10.0.0.5:8080"},
		{"", "http://10.0.0.5:8080", ""},
	} {
		w := newWorld(t)
		w.env["ALIBABA_CLOUD_ENDPOINT"], w.env["ALIBABA_CLOUD_ENDPOINT_URL"] = c.endpoint, c.link
		if got := w.load().Endpoint; got != c.want {
			t.Errorf("%s with %s: %q, want %q", c.endpoint, c.link, got, c.want)
		}
	}
}

func TestEverySettingFromEverySource(t *testing.T) {
	values := map[string]string{
		"profile": "staging", "region": "cn-x", "endpoint": "h:1", "output": "json", "lang": "ja", "no-color": "true", "quiet": "true",
		"verbose": "true", "batch-run": "7", "batch-invoke": "9", "page-size": "11", "concurrency": "13", "rate": "2.5", "keep-days": "5",
		"connect-timeout": "3s", "read-timeout": "1m30s",
	}
	for _, k := range Keys() {
		for place, put := range map[string]func(*world, string){
			"flag --" + k.Name:          func(w *world, v string) { w.flags[k.Name] = v },
			"env " + k.Env():            func(w *world, v string) { w.env[k.Env()] = v },
			"file ~/muster/config.yaml": func(w *world, v string) { w.file(k.Name + ": " + v) },
		} {
			w := newWorld(t)
			w.aliyun(twoProfiles)
			put(w, values[k.Name])
			for _, s := range w.load().Settings() {
				if s.Key == k.Name && (s.Value != values[k.Name] || slash(s.Origin) != place) {
					t.Errorf("%s from %s: got %q from %s", k.Name, place, s.Value, s.Origin)
				}
			}
		}
	}
}

func TestRefusedValues(t *testing.T) {
	tests := []struct{ key, value, reason string }{
		{"batch-run", "0", "must be a whole number from 1 to 1000"},
		{"batch-run", "", "must be a whole number from 1 to 1000"},
		{"batch-invoke", "many", "must be a whole number from 1 to 1000"},
		{"page-size", "101", "must be a whole number from 1 to 100"},
		{"concurrency", "-1", "must be auto, or a whole number from 1 to 256"},
		{"concurrency", "0", "must be auto, or a whole number from 1 to 256"},
		{"rate", "-0.1", "must be a number of calls a second up to 1000, or 0 for no limit"},
		{"rate", "NaN", "must be a number of calls a second up to 1000, or 0 for no limit"},
		{"rate", "Inf", "must be a number of calls a second up to 1000, or 0 for no limit"},
		{"connect-timeout", "0", "must be a duration such as 10s, more than 0 and at most 1h"},
		{"read-timeout", "2h", "must be a duration such as 10s, more than 0 and at most 1h"},
		{"quiet", "maybe", "must be true or false"},
		{"output", "jsno", `must be one of table, json; did you mean "json"?`},
		{"region", "cn-hangzhou.evil.example/", "must be a region's id, such as cn-hangzhou"},
		{"region", "CN-Hangzhou", "must be a region's id, such as cn-hangzhou"},
		{"endpoint", "ftp://h", "must be host[:port] or http(s)://host[:port]"},
		{"endpoint", "h/path", "must be host[:port] or http(s)://host[:port]"},
		{"endpoint", "http://user@h", "must be host[:port] or http(s)://host[:port]"},
		{"endpoint", "a b", "must be host[:port] or http(s)://host[:port]"},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.flags[tt.key] = tt.value
		o := w.options()
		o.Outputs = []string{"table", "json"}
		err := problemOf(Load(o))
		refused, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("%s=%q: got %v", tt.key, tt.value, err)
			continue
		}
		want := Error{Key: tt.key, Value: tt.value, Origin: "flag --" + tt.key, Reason: tt.reason}
		if diff := cmp.Diff(want, *refused); diff != "" {
			t.Errorf("%s=%q: %s", tt.key, tt.value, diff)
		}
	}
}

func TestBareNumberIsSeconds(t *testing.T) {
	w := newWorld(t)
	w.file("connect-timeout: 5\nread-timeout: 2.5")
	if c := w.load(); c.ConnectTimeout != 5*time.Second || c.ReadTimeout != 2500*time.Millisecond {
		t.Errorf("got %s and %s", c.ConnectTimeout, c.ReadTimeout)
	}
}

func TestUnknownProfile(t *testing.T) {
	tests := []struct {
		name   string
		store  string
		env    map[string]string
		reason string
		known  []string
	}{
		{
			name: "misspelt", store: twoProfiles, known: []string{"staging", "lab", "prod"},
			reason: "no such profile in ~/.aliyun/config.json",
		},
		{
			name: "no file", known: []string{"lab"},
			reason: "~/.aliyun/config.json does not exist",
		},
		{
			name: "ignored", store: twoProfiles, env: map[string]string{"ALIBABACLOUD_IGNORE_PROFILE": "TRUE"}, known: []string{"lab"},
			reason: "ALIBABACLOUD_IGNORE_PROFILE=TRUE ignores the profiles of the aliyun CLI",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.env = tt.env
			w.flags["profile"] = "stagign"
			if tt.store != "" {
				w.aliyun(tt.store)
			}
			err := problemOf(Load(w.options()))
			unknown, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			want := Error{Key: "profile", Value: "stagign", Origin: "flag --profile", Reason: tt.reason, Known: tt.known}
			got := *unknown
			got.Reason = slash(got.Reason)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCurrentThatDoesNotExist(t *testing.T) {
	w := newWorld(t)
	w.aliyun(`{"current": "gone", "profiles": [{"name": "prod"}]}`)
	err := problemOf(Load(w.options()))
	unknown, ok := errors.AsType[*Error](err)
	if !ok || slash(unknown.Origin) != "current of ~/.aliyun/config.json:1" {
		t.Errorf("got %v", err)
	}

	w.aliyun(`{"current": "default", "profiles": []}`)
	if c := w.load(); c.Profile != "" {
		t.Errorf("an untouched file: profile %q", c.Profile)
	}
}

func TestLab(t *testing.T) {
	w := newWorld(t)
	w.aliyun(`{"profiles": [{"name": "lab", "region_id": "cn-theirs", "endpoint": "ecs.theirs.example"}]}`)
	w.file("region: cn-file\nendpoint: ecs.file.example\nbatch-run: 5")
	w.env["ALIBABA_CLOUD_ENDPOINT"] = "ecs.env.example"
	w.env["ALIBABA_CLOUD_REGION_ID"] = "cn-env"
	w.flags["profile"] = "lab"

	c := w.load()
	want := Config{Profile: "lab"}
	if diff := cmp.Diff(want, Config{Profile: c.Profile, ProfileFile: c.ProfileFile, Region: c.Region, Endpoint: c.Endpoint}, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("the lab has settings of the cloud: %s", diff)
	}
	if !c.Lab() {
		t.Error("the profile is not the lab")
	}
	if c.Origin("endpoint") != "profile lab" {
		t.Errorf("endpoint from %s", c.Origin("endpoint"))
	}
	if c.RunBatch != 5 {
		t.Error("other settings of the file are ignored")
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "not the profile of that name") {
		t.Errorf("got warnings %q", c.Warnings)
	}

	c.Endpoint = "http://127.0.0.1:1"
	for _, s := range c.Settings() {
		if s.Key == "endpoint" && s.Value != c.Endpoint {
			t.Error("Settings does not show what the caller filled in")
		}
	}

	w.env["MUSTER_ENDPOINT"] = "127.0.0.1:7"
	w.flags["region"] = "cn-flag"
	if c := w.load(); c.Endpoint != "127.0.0.1:7" || c.Region != "cn-flag" {
		t.Errorf("got endpoint %q, region %q", c.Endpoint, c.Region)
	}
}

func TestLabNeedsNoAliyunFile(t *testing.T) {
	w := newWorld(t)
	w.flags["profile"] = "lab"
	w.load()
	w.aliyun("{broken")
	w.load()
}

func TestWarnings(t *testing.T) {
	w := newWorld(t)
	w.file("regoin: cn-x\nbatch_run: 5\ndeep:\n  er: 1\n")
	w.env["ALIBABA_CLOUD_IGNORE_PROFILE"] = "true"
	w.env["ALIBABA_CLOUD_CONFIG_FILE"] = filepath.Join(w.home, "none.json")
	c := w.load()
	want := []string{
		`~/muster/config.yaml:1: unknown key "regoin" is ignored; did you mean "region"?`,
		`~/muster/config.yaml:2: unknown key "batch_run" is ignored; did you mean "batch-run"?`,
		`~/muster/config.yaml:3: unknown key "deep" is ignored`,
		`ALIBABA_CLOUD_IGNORE_PROFILE=true has no effect: only TRUE has, as in the aliyun CLI`,
		`ALIBABA_CLOUD_CONFIG_FILE: ~/none.json does not exist`,
	}
	var got []string
	for _, warning := range c.Warnings {
		got = append(got, slash(warning))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNoHome(t *testing.T) {
	clearEnv(t)
	c := Load(Options{})
	want := Config{RunBatch: 50}
	got := Config{Profile: c.Profile, RunBatch: c.RunBatch, Problems: c.Problems, Warnings: c.Warnings}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Error(diff)
	}
}

func slash(s string) string { return strings.ReplaceAll(s, `\`, "/") }
