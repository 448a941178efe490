package identity

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"muster/pkg/assist"
)

// profileEntry is a profile as the aliyun CLI writes it.
type profileEntry struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyId     string `json:"access_key_id"`
	AccessKeySecret string `json:"access_key_secret"`
	SecurityToken   string `json:"sts_token"`
	TokenExpires    int64  `json:"sts_expiration"` // seconds since 1970
	RegionId        string `json:"region_id"`
	StsRegion       string `json:"sts_region"`
	EnableVPC       bool   `json:"enable_vpc"`
	RoleName        string `json:"ram_role_name"`
	RoleArn         string `json:"ram_role_arn"`
	RoleSessionName string `json:"ram_session_name"`
	ExternalId      string `json:"external_id"`
	Policy          string `json:"policy"`
	ExpiredSeconds  int    `json:"expired_seconds"`
	SourceProfile   string `json:"source_profile"`
	ProcessCommand  string `json:"process_command"`
	CredentialsURI  string `json:"credentials_uri"`
	OIDCTokenFile   string `json:"oidc_token_file"`
	OIDCToken       string `json:"oidc_token"`
	OIDCProviderARN string `json:"oidc_provider_arn"`

	SSOSignInURL      string `json:"cloud_sso_sign_in_url"`
	SSOAccountId      string `json:"cloud_sso_account_id"`
	SSOAccessConfig   string `json:"cloud_sso_access_config"`
	AccessToken       string `json:"access_token"`
	AccessTokenExpire int64  `json:"cloud_sso_access_token_expire"`
}

type profileFile struct {
	Current  string         `json:"current"`
	Profiles []profileEntry `json:"profiles"`
}

func (f *profileFile) find(name string) *profileEntry {
	for i := range f.Profiles {
		if f.Profiles[i].Name == name {
			return &f.Profiles[i]
		}
	}
	return nil
}

// utf8BOM is what some editors write at the beginning of a file.
const utf8BOM = "\xef\xbb\xbf"

// errPipe reports a file that whoever opens it would wait for.
var errPipe = errors.New("it is a pipe or a socket, and no file")

func readFile(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0 {
		return nil, errPipe
	}
	return os.ReadFile(path)
}

// readProfiles reads config.json and never writes it. A file that is not there, or is empty, has no profiles. The text of an
// error has nothing of the file in it.
func readProfiles(path string) (*profileFile, error) {
	file := new(profileFile)
	if path == "" {
		return file, nil
	}
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	if denied, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("read the profiles: %w", denied.Err)
	}
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte(utf8BOM)))
	if len(text) == 0 {
		return file, nil
	}
	if err := json.Unmarshal(text, file); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, fmt.Errorf("%s must not be of the type %s", cmp.Or(wrong.Field, "the file"), wrong.Value)
		}
		return nil, errors.New("the file is not valid JSON")
	}
	return file, nil
}

// shown shortens a path for people.
func (o *Options) shown(path string) string {
	if rest, ok := strings.CutPrefix(path, filepath.Clean(o.Home)+string(filepath.Separator)); ok && o.Home != "" {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}

// profile is the one that was named, or the current one. One that was named is looked for in the credentials file as well.
func (o *Options) profile() *source {
	if o.ProfileFile == "" && o.Profile == "" {
		return &source{name: "profiles of the aliyun CLI", absent: "there are none"}
	}
	file, err := readProfiles(o.ProfileFile)
	if err != nil {
		return &source{
			name: strings.TrimSpace("profile " + o.Profile + " (" + o.shown(o.ProfileFile) + ")"), err: err,
			remedy: "mend the file, or set ALIBABA_CLOUD_IGNORE_PROFILE=TRUE to do without it",
		}
	}
	name := cmp.Or(o.Profile, file.Current)
	entry := file.find(name)
	switch {
	case entry != nil:
		return o.entrySource(file, entry)
	case o.Profile != "":
		if section := o.iniSection(o.Profile); section.there() {
			return section
		}
		where := o.iniPath()
		if o.ProfileFile == "" && o.hasSection(o.Profile) {
			return &source{name: "profile " + o.Profile, err: errors.New("its section in " + o.shown(where) + " is disabled by enable = false")}
		}
		if o.ProfileFile != "" {
			where = o.ProfileFile + " and in " + where
		}
		return &source{name: "profile " + o.Profile, err: fmt.Errorf("there is no such profile in %s", o.shownAll(where))}
	case name != "" && len(file.Profiles) > 0:
		return &source{
			name: "the current profile of " + o.shown(o.ProfileFile), err: fmt.Errorf("there is no profile %q", name),
			remedy: "choose another by aliyun configure switch, or by --profile",
		}
	}
	return &source{name: "profiles of the aliyun CLI", absent: "none is the current one in " + o.shown(o.ProfileFile)}
}

func (o *Options) shownAll(text string) string {
	if o.Home == "" {
		return text
	}
	return strings.ReplaceAll(text, filepath.Clean(o.Home)+string(filepath.Separator), "~"+string(filepath.Separator))
}

// entrySource is a profile by its mode. An AK profile without keys is what the aliyun CLI makes of a first start: there is nothing
// in it.
func (o *Options) entrySource(file *profileFile, p *profileEntry) *source {
	s := &source{name: fmt.Sprintf("profile %s (%s)", p.Name, o.shown(o.ProfileFile)), mode: cmp.Or(p.Mode, "AK")}
	if s.mode == "AK" && p.AccessKeyId == "" && p.AccessKeySecret == "" && o.Profile == "" {
		s.absent = "it has no keys"
		return s
	}
	s.fetch, s.err = o.byMode(file, p, nil)
	s.remedy = p.remedy()
	return s
}

// byMode returns how the keys of a profile are got. way are the profiles that have led to it.
func (o *Options) byMode(file *profileFile, p *profileEntry, way []string) (fetch, error) {
	name := "profile " + p.Name
	static := assist.Keys{AccessKeyId: p.AccessKeyId, AccessKeySecret: p.AccessKeySecret}
	wants := func(fields ...string) error {
		for i := 0; i < len(fields); i += 2 {
			if fields[i+1] == "" {
				return fmt.Errorf("it has no %s, which mode %s wants", fields[i], cmp.Or(p.Mode, "AK"))
			}
		}
		return nil
	}
	r := role{
		arn: p.RoleArn, session: p.RoleSessionName, policy: p.Policy, externalID: p.ExternalId, seconds: p.ExpiredSeconds,
		region: p.StsRegion, vpc: p.EnableVPC,
	}
	switch cmp.Or(p.Mode, "AK") {
	case "AK":
		return fixed(name, static), wants("access_key_id", p.AccessKeyId, "access_key_secret", p.AccessKeySecret)
	case "StsToken":
		static.SecurityToken, static.Expiration = p.SecurityToken, p.tokenEnd()
		return fixed(name, static), wants("access_key_id", p.AccessKeyId, "access_key_secret", p.AccessKeySecret, "sts_token", p.SecurityToken)
	case "RamRoleArn":
		static.SecurityToken = p.SecurityToken
		err := wants("access_key_id", p.AccessKeyId, "access_key_secret", p.AccessKeySecret, "ram_role_arn", p.RoleArn)
		return o.assume(r, once(fixed(name, static))), err
	case "RamRoleArnWithRoleName", "RamRoleArnWithEcs":
		return o.assume(r, o.through(name, o.machine().keys(p.RoleName))), wants("ram_role_arn", p.RoleArn)
	case "EcsRamRole":
		return o.machine().keys(p.RoleName), nil
	case "ChainableRamRoleArn":
		if err := wants("source_profile", p.SourceProfile, "ram_role_arn", p.RoleArn); err != nil {
			return nil, err
		}
		return o.chained(file, p, r, way)
	case "OIDC":
		err := wants("oidc_provider_arn", p.OIDCProviderARN, "ram_role_arn", p.RoleArn, "oidc_token_file or oidc_token", p.OIDCTokenFile+p.OIDCToken)
		return o.assumeWithOIDC(oidcRole{provider: p.OIDCProviderARN, tokenFile: p.OIDCTokenFile, token: p.OIDCToken, role: r}), err
	case "CredentialsURI":
		return o.fetchURI(p.CredentialsURI), wants("credentials_uri", p.CredentialsURI)
	case "External":
		return o.external(p.ProcessCommand)
	case "CloudSSO":
		return o.cloudSSO(p), nil
	case "OAuth":
		return stored(p, "aliyun configure --mode OAuth --profile "+p.Name), nil
	case "RsaKeyPair":
		return nil, errors.New("mode RsaKeyPair is not supported: its session keys are for a service that is being closed")
	}
	return nil, fmt.Errorf("mode %q is not known", p.Mode)
}

// remedy says what to do about a profile that does not work.
func (p *profileEntry) remedy() string {
	switch p.Mode {
	case "CloudSSO", "OAuth":
		return "sign in again: aliyun configure --mode " + p.Mode + " --profile " + p.Name
	case "RsaKeyPair":
		return "use a profile of mode AK, RamRoleArn or OIDC"
	case "External":
		return "run its process_command yourself to see what is wrong"
	}
	return "mend the profile by aliyun configure --profile " + p.Name + ", or choose another by --profile"
}

// chained assumes a role with the keys of another profile.
func (o *Options) chained(file *profileFile, p *profileEntry, r role, way []string) (fetch, error) {
	way = append(way[:len(way):len(way)], p.Name)
	for _, name := range way {
		if name == p.SourceProfile {
			return nil, fmt.Errorf("source_profile leads back to it: %s -> %s", strings.Join(way, " -> "), p.SourceProfile)
		}
	}
	base := file.find(p.SourceProfile)
	if base == nil {
		return nil, fmt.Errorf("there is no profile %q, which is its source_profile", p.SourceProfile)
	}
	keys, err := o.byMode(file, base, way)
	if err != nil {
		return nil, fmt.Errorf("source_profile %s: %w", base.Name, err)
	}
	return o.assume(r, o.through("profile "+base.Name, keys)), nil
}

// through signs with keys that have to be got, and renewed, themselves.
func (o *Options) through(name string, keys fetch) assist.Signer {
	return &Identity{Source: name, keys: newRenewed(&source{name: name, fetch: keys}, o.Notify)}
}
