package identity

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
)

// Signer is another tool with the source from which it takes its keys.
type Signer struct {
	Tool        string
	Source      string // as in Identity; empty if the tool finds no keys, or only those of the machine's RAM role
	AccessKeyId string // empty if it is only known after a request
}

// OtherSigners returns as whom other tools sign with the files and variables of o, without a request. Their order of sources was measured
// with the aliyun CLI 3.4.11, with credentials-go 1.4.14 and with @alicloud/credentials 2.4.7.
func OtherSigners(o Options) []Signer {
	file := &profileFile{}
	if o.Home != "" {
		o.ProfileFile = filepath.Join(o.Home, ".aliyun", "config.json")
		if read, err := readProfiles(o.ProfileFile); err == nil {
			file = read
		}
	}
	return []Signer{o.cliSigner(file), o.sdkSigner(file)}
}

// cliSigner returns the aliyun CLI. It signs with the variables only if its profile has no keys.
func (o *Options) cliSigner(file *profileFile) Signer {
	cli := Signer{Tool: "the aliyun CLI"}
	entry := &profileEntry{Mode: "AK"}
	ignored := o.first("ALIBABA_CLOUD_IGNORE_PROFILE", "ALIBABACLOUD_IGNORE_PROFILE") == "TRUE"
	if name := o.cliProfile(file); !ignored && (len(file.Profiles) > 0 || name != "default") {
		if entry = file.find(name); entry == nil {
			return cli
		}
	}
	if keysOf := []string{"", "AK", "StsToken"}; entry.AccessKeyId != "" || !slices.Contains(keysOf, entry.Mode) {
		cli.Source, cli.AccessKeyId = o.profileName(entry), entry.staticKey()
		return cli
	}
	names := []string{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_ID", "ACCESS_KEY_ID"}
	for _, name := range names {
		if id := o.Getenv(name); id != "" {
			cli.Source, cli.AccessKeyId = "the environment ("+name+")", id
			break
		}
	}
	return cli
}

// cliProfile returns the name of the profile that the aliyun CLI uses.
func (o *Options) cliProfile(file *profileFile) string {
	named := o.first("ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE")
	if len(file.Profiles) == 0 {
		return cmp.Or(named, "default") // it creates this profile
	}
	return cmp.Or(named, file.Current)
}

// sdkSigner returns the SDKs for Go and Node. They skip a source that does not work.
func (o *Options) sdkSigner(file *profileFile) Signer {
	sdk := Signer{Tool: "the SDKs for Go and Node"}
	const idName = "ALIBABA_CLOUD_ACCESS_KEY_ID"
	if id := o.Getenv(idName); id != "" && o.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET") != "" {
		sdk.Source, sdk.AccessKeyId = "the environment ("+idName+")", id
		return sdk
	}
	if o.Getenv("ALIBABA_CLOUD_ROLE_ARN") != "" && o.Getenv("ALIBABA_CLOUD_OIDC_PROVIDER_ARN") != "" && o.Getenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE") != "" {
		sdk.Source = "OIDC (ALIBABA_CLOUD_OIDC_TOKEN_FILE)"
		return sdk
	}
	profile := o.Getenv("ALIBABA_CLOUD_PROFILE")
	if !strings.EqualFold(o.Getenv("ALIBABA_CLOUD_CLI_PROFILE_DISABLED"), "true") {
		entry := file.find(cmp.Or(profile, file.Current))
		if entry != nil && entry.Mode != "" && (entry.Mode != "AK" || entry.AccessKeyId != "" && entry.AccessKeySecret != "") {
			sdk.Source, sdk.AccessKeyId = o.profileName(entry), entry.staticKey()
			return sdk
		}
	}
	if section := o.iniSection(cmp.Or(profile, defaultSection)); section.fetch != nil {
		sdk.Source = section.name
	}
	return sdk
}

// profileName returns the source of a profile, as in Identity.
func (o *Options) profileName(p *profileEntry) string {
	return "profile " + p.Name + " (" + o.displayPath(o.ProfileFile) + ")"
}

// staticKey returns the id of the key that the profile itself has, or "" if its keys come from elsewhere.
func (p *profileEntry) staticKey() string {
	if p.Mode == "" || p.Mode == "AK" || p.Mode == "StsToken" {
		return p.AccessKeyId
	}
	return ""
}

// first returns the value of the first variable that is not empty.
func (o *Options) first(names ...string) string {
	for _, name := range names {
		if value := o.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}
