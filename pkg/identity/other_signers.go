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
	usual := newOtherTool(o, "")
	if o.Home != "" {
		usual = newOtherTool(o, filepath.Join(o.Home, ".aliyun", "config.json"))
	}
	cli := usual.cliSigner()
	if named := o.Getenv("ALIBABA_CLOUD_CONFIG_FILE"); named != "" {
		return []Signer{cli, newOtherTool(o, named).sdkSigner("the SDK for Go"), usual.sdkSigner("the SDK for Node")}
	}
	return []Signer{cli, usual.sdkSigner("the SDKs for Go and Node")}
}

// otherTool is a tool with the profiles that it reads.
type otherTool struct {
	Options
	file *profileFile
}

func newOtherTool(o Options, path string) *otherTool {
	tool := &otherTool{o, &profileFile{}}
	tool.ProfileFile = path
	if path == "" {
		return tool
	}
	if file, err := readProfiles(path); err == nil {
		tool.file = file
	}
	return tool
}

// cliSigner returns the aliyun CLI. It signs with the variables only if its profile has no keys.
func (o *otherTool) cliSigner() Signer {
	cli := Signer{Tool: "the aliyun CLI"}
	entry := &profileEntry{Mode: "AK"}
	ignored := firstVariable(&o.Options, "ALIBABA_CLOUD_IGNORE_PROFILE", "ALIBABACLOUD_IGNORE_PROFILE") == "TRUE"
	if name := o.cliProfile(); !ignored && (len(o.file.Profiles) > 0 || name != "default") {
		if entry = o.file.find(name); entry == nil {
			return cli
		}
	}
	if keysOf := []string{"", "AK", "StsToken"}; entry.AccessKeyId != "" || !slices.Contains(keysOf, entry.Mode) {
		cli.Source, cli.AccessKeyId = profileName(&o.Options, entry), entry.staticKey()
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
func (o *otherTool) cliProfile() string {
	named := firstVariable(&o.Options, "ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE")
	if len(o.file.Profiles) == 0 {
		return cmp.Or(named, "default") // it creates this profile
	}
	return cmp.Or(named, o.file.Current)
}

// sdkSigner returns an SDK, or several. They skip a source that does not work, and ignore enable = false of a section.
func (o *otherTool) sdkSigner(tool string) Signer {
	sdk := Signer{Tool: tool}
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
		entry := o.file.find(cmp.Or(profile, o.file.Current))
		if entry != nil && entry.Mode != "" && (entry.Mode != "AK" || entry.AccessKeyId != "" && entry.AccessKeySecret != "") {
			sdk.Source, sdk.AccessKeyId = profileName(&o.Options, entry), entry.staticKey()
			return sdk
		}
	}
	if section := o.iniSectionAnyway(cmp.Or(profile, defaultSection)); section.fetch != nil {
		sdk.Source = section.name
	}
	return sdk
}

// profileName returns the source of a profile, as in Identity.
func profileName(o *Options, p *profileEntry) string {
	return "profile " + p.Name + " (" + o.displayPath(o.ProfileFile) + ")"
}

// staticKey returns the id of the key that the profile itself has, or "" if its keys come from elsewhere.
func (p *profileEntry) staticKey() string {
	if p.Mode == "" || p.Mode == "AK" || p.Mode == "StsToken" {
		return p.AccessKeyId
	}
	return ""
}

// firstVariable returns the value of the first variable that is not empty.
func firstVariable(o *Options, names ...string) string {
	for _, name := range names {
		if value := o.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}
