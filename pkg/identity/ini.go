package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"gopkg.in/ini.v1"

	"muster/pkg/assist"
)

// defaultSection is the section of the credentials file that counts where none is named.
const defaultSection = "default"

// noDelimiter keeps a section such as a.b from having the keys of a.
const noDelimiter = "\x00"

// disabled is why a section is not there that has enable = false.
const disabled = "enable is false"

// hasSection reports whether the credentials file has a section, and it is disabled.
func (o *Options) hasSection(name string) bool { return o.iniSection(name).absent == disabled }

// iniPath is the credentials file that the SDKs share.
func (o *Options) iniPath() string {
	if _, path := o.env("CREDENTIALS_FILE"); path != "" {
		return path
	}
	if o.Home == "" {
		return ""
	}
	return filepath.Join(o.Home, ".alibabacloud", "credentials")
}

// iniSection is a section of the credentials file.
func (o *Options) iniSection(name string) *source {
	path := o.iniPath()
	s := &source{name: "credentials file", absent: "there is no home directory to look for it"}
	if path == "" {
		return s
	}
	s.name = fmt.Sprintf("section %s of %s", name, o.shown(path))
	text, err := readFile(path)
	if err != nil {
		s.absent = "the file does not exist"
		_, named := o.env("CREDENTIALS_FILE")
		_, linked := os.Readlink(path)
		switch {
		case !errors.Is(err, fs.ErrNotExist):
			s.err = errors.New("the file cannot be read")
		case named != "", linked == nil:
			s.err = errors.New("the file does not exist")
		}
		return s
	}
	file, err := ini.LoadSources(ini.LoadOptions{ChildSectionDelimiter: noDelimiter}, text)
	if err != nil {
		s.err = errors.New("the file is not in INI format")
		return s
	}
	if !file.HasSection(name) {
		s.absent = "there is no such section"
		return s
	}
	section := file.Section(name)
	if enabled := section.Key("enable"); enabled.String() != "" {
		on, err := enabled.Bool()
		if err != nil {
			s.err = errors.New("enable is neither true nor false")
			return s
		}
		if !on {
			s.absent = disabled
			return s
		}
	}
	s.mode = section.Key("type").String()
	s.fetch, s.err = o.byType(section)
	s.remedy = "mend the section"
	return s
}

// byType returns how the keys of a section are got.
func (o *Options) byType(section *ini.Section) (fetch, error) {
	value := func(key string) string { return section.Key(key).String() }
	kind := value("type")
	wants := func(keys ...string) error {
		for _, key := range keys {
			if value(key) == "" {
				return fmt.Errorf("it has no %s, which type = %s wants", key, kind)
			}
		}
		return nil
	}
	seconds, _ := strconv.Atoi(value("duration_seconds"))
	r := role{
		arn: value("role_arn"), session: value("role_session_name"), policy: value("policy"), externalID: value("external_id"),
		seconds: seconds, region: value("sts_region"),
	}
	keys := assist.Keys{AccessKeyId: value("access_key_id"), AccessKeySecret: value("access_key_secret")}
	switch kind {
	case "access_key":
		return fixed("the section", keys), wants("access_key_id", "access_key_secret")
	case "sts":
		keys.SecurityToken = value("security_token")
		return fixed("the section", keys), wants("access_key_id", "access_key_secret", "security_token")
	case "ecs_ram_role":
		return o.machine().keys(value("role_name")), nil
	case "ram_role_arn":
		return o.assume(r, once(fixed("the section", keys))), wants("access_key_id", "access_key_secret", "role_arn")
	case "oidc_role_arn":
		oidc := oidcRole{provider: value("oidc_provider_arn"), tokenFile: value("oidc_token_file_path"), role: r}
		return o.assumeWithOIDC(oidc), wants("oidc_provider_arn", "oidc_token_file_path", "role_arn")
	case "credentials_uri":
		return o.fetchURI(value("credentials_uri")), wants("credentials_uri")
	case "":
		return nil, errors.New("it has no type: want access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn or credentials_uri")
	}
	return nil, fmt.Errorf("type = %s is not supported: want access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn or credentials_uri", kind)
}
