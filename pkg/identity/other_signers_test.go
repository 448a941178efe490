package identity

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestOtherSigners compares the answers with what the tools did: the aliyun CLI 3.4.11, credentials-go 1.4.14 and
// @alicloud/credentials 2.4.7 were run with these files and variables, against a server that noted the key of each request.
func TestOtherSigners(t *testing.T) {
	const (
		two = `{"current": "default", "profiles": [
			{"name": "default", "mode": "AK", "access_key_id": "cli", "access_key_secret": "s"},
			{"name": "other", "mode": "AK", "access_key_id": "cli-other", "access_key_secret": "s"}]}`
		ini = "[default]\ntype = access_key\naccess_key_id = ini\naccess_key_secret = s\n" +
			"[other]\ntype = access_key\naccess_key_id = ini-other\naccess_key_secret = s\n"
	)
	pair := []string{"ALIBABA_CLOUD_ACCESS_KEY_ID=env", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=s"}
	for name, c := range map[string]struct {
		cli, ini string
		env      []string
		want     string // of the CLI, then of the SDKs, for Go and Node separately if they differ
	}{
		"both files":                 {two, ini, nil, "cli, cli"},
		"keys in the environment":    {two, ini, pair, "cli, env"},
		"older names":                {two, ini, []string{"ALIBABACLOUD_ACCESS_KEY_ID=env", "ALIBABACLOUD_ACCESS_KEY_SECRET=s"}, "cli, cli"},
		"half a pair":                {two, ini, pair[:1], "cli, cli"},
		"a named profile":            {two, ini, []string{"ALIBABA_CLOUD_PROFILE=other"}, "cli-other, cli-other"},
		"a named profile and keys":   {two, ini, append([]string{"ALIBABA_CLOUD_PROFILE=other"}, pair...), "cli-other, env"},
		"another name of it":         {two, ini, []string{"ALICLOUD_PROFILE=other"}, "cli-other, cli"},
		"two names":                  {two, "", []string{"ALIBABACLOUD_PROFILE=default", "ALIBABA_CLOUD_PROFILE=other"}, "cli, cli-other"},
		"a missing profile":          {two, ini, []string{"ALIBABA_CLOUD_PROFILE=missing"}, "-, -"},
		"ignored by the CLI":         {two, ini, []string{"ALIBABA_CLOUD_IGNORE_PROFILE=TRUE"}, "-, cli"},
		"ignored, and keys":          {two, ini, append([]string{"ALIBABA_CLOUD_IGNORE_PROFILE=TRUE"}, pair...), "env, env"},
		"ignored by the SDKs":        {two, ini, []string{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true"}, "cli, ini"},
		"only the credentials file":  {"", ini, nil, "-, ini"},
		"a section of it":            {"", ini, []string{"ALIBABA_CLOUD_PROFILE=other"}, "-, ini-other"},
		"no files, keys":             {"", "", pair, "env, env"},
		"current names no profile":   {strings.Replace(two, `"default"`, `"gone"`, 1), ini, nil, "-, ini"},
		"a profile without keys":     {`{"current": "default", "profiles": [{"name": "default", "mode": "AK"}]}`, ini, nil, "-, ini"},
		"the same, and keys":         {`{"current": "default", "profiles": [{"name": "default", "mode": "AK"}]}`, "", pair, "env, env"},
		"a profile without a mode":   {`{"current": "default", "profiles": [{"name": "default", "access_key_id": "cli", "access_key_secret": "s"}]}`, ini, nil, "cli, ini"},
		"a disabled section":         {"", "[default]\nenable = false\n" + strings.TrimPrefix(ini, "[default]\n"), nil, "-, ini"},
		"another credentials file":   {two, "", []string{"ALIBABA_CLOUD_CREDENTIALS_FILE=credentials"}, "cli, cli"},
		"another config.json":        {two, ini, []string{"ALIBABA_CLOUD_CONFIG_FILE=config.json"}, "cli, other-config, cli"},
		"another one, missing":       {two, ini, []string{"ALIBABA_CLOUD_CONFIG_FILE=missing.json"}, "cli, ini, cli"},
		"another one, and a name":    {two, "", []string{"ALIBABA_CLOUD_CONFIG_FILE=config.json", "ALIBABA_CLOUD_PROFILE=other"}, "cli-other, -, cli-other"},
		"a profile with other modes": {`{"current": "default", "profiles": [{"name": "default", "mode": "EcsRamRole", "ram_role_name": "r"}]}`, "", nil, "role, role"},
	} {
		w := newWorld(t)
		if c.cli != "" {
			w.write(cliFile, c.cli)
		}
		if c.ini != "" {
			w.write(iniFile, c.ini)
		}
		w.write("config.json", strings.ReplaceAll(strings.Replace(two, `"other"`, `"another"`, 1), `"cli"`, `"other-config"`))
		w.write("credentials", strings.ReplaceAll(ini, "= ini", "= other-file"))
		for _, variable := range c.env {
			key, value, _ := strings.Cut(variable, "=")
			if strings.HasSuffix(key, "_FILE") {
				value = filepath.Join(w.home, value)
			}
			w.env[key] = value
		}
		var got []string
		for _, s := range OtherSigners(w.options("", false)) {
			switch {
			case s.Source == "":
				got = append(got, "-")
			case s.AccessKeyId != "":
				got = append(got, s.AccessKeyId)
			case strings.Contains(s.Source, "section other"):
				got = append(got, "ini-other")
			case strings.Contains(s.Source, "section"):
				got = append(got, "ini")
			default:
				got = append(got, "role")
			}
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s, want %s", name, text, c.want)
		}
	}
}
