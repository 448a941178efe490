package identity

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/userfile"
)

// profileEntry is a profile in the aliyun CLI's config.json.
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

// readProfiles reads config.json. A missing or empty file has no profiles. Errors do not include content of the file.
func readProfiles(path string) (*profileFile, error) {
	file := new(profileFile)
	if path == "" {
		return file, nil
	}
	text, err := userfile.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	if denied, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("read the profiles: %w", denied.Err)
	}
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(text)
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

// displayPath returns a path for messages.
func (o *Options) displayPath(path string) string { return userfile.Display(path, o.Home) }

// profile returns the source for the named or the current profile. A named profile may also be a section of the credentials
// file.
func (o *Options) profile() *source {
	if o.ProfileFile == "" && o.Profile == "" {
		return &source{name: "profiles of the aliyun CLI", absent: "there are none"}
	}
	file, err := readProfiles(o.ProfileFile)
	if err != nil {
		return &source{
			name: strings.TrimSpace("profile " + o.Profile + " (" + o.displayPath(o.ProfileFile) + ")"), err: err,
			remedy: "fix the file, or ignore it with ALIBABA_CLOUD_IGNORE_PROFILE=TRUE",
		}
	}
	name := cmp.Or(o.Profile, file.Current)
	entry := file.find(name)
	switch {
	case entry != nil:
		return o.entrySource(file, entry)
	case o.Profile != "":
		if section := o.iniSection(o.Profile); section.present() {
			return section
		}
		where := o.iniPath()
		if o.ProfileFile == "" && o.sectionDisabled(o.Profile) {
			return &source{name: "profile " + o.Profile, err: errors.New("its section in " + o.displayPath(where) + " is disabled by enable = false")}
		}
		if o.ProfileFile != "" {
			where = o.ProfileFile + " and in " + where
		}
		return &source{name: "profile " + o.Profile, err: fmt.Errorf("there is no such profile in %s", o.displayPaths(where))}
	case name != "" && len(file.Profiles) > 0:
		return &source{
			name: "the current profile of " + o.displayPath(o.ProfileFile), err: fmt.Errorf("there is no profile %q", name),
			remedy: "choose another with aliyun configure switch, or with --profile",
		}
	}
	return &source{name: "profiles of the aliyun CLI", absent: "none is the current one in " + o.displayPath(o.ProfileFile)}
}

// displayPaths is like displayPath, for a text with several paths.
func (o *Options) displayPaths(text string) string {
	if o.Home == "" {
		return text
	}
	return strings.ReplaceAll(text, filepath.Clean(o.Home)+string(filepath.Separator), "~"+string(filepath.Separator))
}

// entrySource returns the source for a profile. A current AK profile without keys is absent: the first start of the aliyun CLI
// creates one.
func (o *Options) entrySource(file *profileFile, p *profileEntry) *source {
	s := &source{name: fmt.Sprintf("profile %s (%s)", p.Name, o.displayPath(o.ProfileFile)), mode: cmp.Or(p.Mode, "AK")}
	if s.mode == "AK" && p.AccessKeyId == "" && p.AccessKeySecret == "" && o.Profile == "" {
		s.absent = "it has no keys"
		return s
	}
	s.fetch, s.err = o.byMode(file, p, nil)
	s.remedy = p.remedy()
	return s
}

// byMode returns the fetch for a profile's mode. path are the profiles whose source_profile led to it.
func (o *Options) byMode(file *profileFile, p *profileEntry, path []string) (fetch, error) {
	name := "profile " + p.Name
	static := assist.Keys{AccessKeyId: p.AccessKeyId, AccessKeySecret: p.AccessKeySecret}
	requires := func(fields ...string) error {
		for i := 0; i < len(fields); i += 2 {
			if fields[i+1] == "" {
				return fmt.Errorf("it has no %s, which mode %s requires", fields[i], cmp.Or(p.Mode, "AK"))
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
		return fixed(name, static), requires("access_key_id", p.AccessKeyId, "access_key_secret", p.AccessKeySecret)
	case "StsToken":
		static.SecurityToken, static.Expiration = p.SecurityToken, p.tokenEnd()
		return fixed(name, static), requires("access_key_id", p.AccessKeyId, "access_key_secret", p.AccessKeySecret, "sts_token", p.SecurityToken)
	case "RamRoleArn":
		static.SecurityToken = p.SecurityToken
		err := requires("access_key_id", p.AccessKeyId, "access_key_secret", p.AccessKeySecret, "ram_role_arn", p.RoleArn)
		return o.sts().assume(r, fetchSigner(fixed(name, static))), err
	case "RamRoleArnWithRoleName", "RamRoleArnWithEcs":
		return o.sts().assume(r, o.renewingSigner(name, o.metadataService().keys(p.RoleName))), requires("ram_role_arn", p.RoleArn)
	case "EcsRamRole":
		return o.metadataService().keys(p.RoleName), nil
	case "ChainableRamRoleArn":
		if err := requires("source_profile", p.SourceProfile, "ram_role_arn", p.RoleArn); err != nil {
			return nil, err
		}
		return o.chained(file, p, r, path)
	case "OIDC":
		err := requires("oidc_provider_arn", p.OIDCProviderARN, "ram_role_arn", p.RoleArn, "oidc_token_file or oidc_token", p.OIDCTokenFile+p.OIDCToken)
		return o.sts().assumeWithOIDC(oidcRole{provider: p.OIDCProviderARN, tokenFile: p.OIDCTokenFile, token: p.OIDCToken, role: r}), err
	case "CredentialsURI":
		return fetchURI(p.CredentialsURI, o.Transport), requires("credentials_uri", p.CredentialsURI)
	case "External":
		return external(p.ProcessCommand, o.Environ)
	case "CloudSSO":
		return cloudSSO(p), nil
	case "OAuth":
		return storedKeysOnly(p, "aliyun configure --mode OAuth --profile "+p.Name), nil
	case "RsaKeyPair":
		return nil, errors.New("mode RsaKeyPair is not supported: its session keys are for a service that is being shut down")
	}
	return nil, fmt.Errorf("mode %q is not known", p.Mode)
}

// remedy returns what to do about a profile that does not work.
func (p *profileEntry) remedy() string {
	switch p.Mode {
	case "CloudSSO", "OAuth":
		return "sign in again: aliyun configure --mode " + p.Mode + " --profile " + p.Name
	case "RsaKeyPair":
		return "use a profile of mode AK, RamRoleArn or OIDC"
	case "External":
		return "run its process_command yourself to find the error"
	}
	return "fix the profile with aliyun configure --profile " + p.Name + ", or choose another with --profile"
}

// chained assumes a role with the keys of another profile.
func (o *Options) chained(file *profileFile, p *profileEntry, r role, path []string) (fetch, error) {
	path = append(path[:len(path):len(path)], p.Name)
	for _, name := range path {
		if name == p.SourceProfile {
			return nil, fmt.Errorf("source_profile leads back to it: %s -> %s", strings.Join(path, " -> "), p.SourceProfile)
		}
	}
	base := file.find(p.SourceProfile)
	if base == nil {
		return nil, fmt.Errorf("its source_profile %q does not exist", p.SourceProfile)
	}
	keys, err := o.byMode(file, base, path)
	if err != nil {
		return nil, fmt.Errorf("source_profile %s: %w", base.Name, err)
	}
	return o.sts().assume(r, o.renewingSigner("profile "+base.Name, keys)), nil
}

// renewingSigner returns a signer whose keys come from fetch and are renewed.
func (o *Options) renewingSigner(name string, keys fetch) assist.Signer {
	return &Identity{Source: name, keys: newRenewer(&source{name: name, fetch: keys}, o.Notify)}
}
