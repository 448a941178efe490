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
	"muster/pkg/userfile"
)

// defaultSection is the section of the credentials file that is used if none is named.
const defaultSection = "default"

// noDelimiter prevents a section such as a.b from inheriting the keys of a.
const noDelimiter = "\x00"

// disabled is the reason for the absence of a section with enable = false.
const disabled = "enable is false"

// sectionDisabled reports whether the credentials file has a section that is disabled.
func (o *Options) sectionDisabled(name string) bool { return o.iniSection(name).absent == disabled }

// iniPath returns the path of the credentials file that the SDKs share, or "".
func (o *Options) iniPath() string {
	if _, path := o.env("CREDENTIALS_FILE"); path != "" {
		return path
	}
	if o.Home == "" {
		return ""
	}
	return filepath.Join(o.Home, ".alibabacloud", "credentials")
}

// iniSection returns the source for a section of the credentials file.
func (o *Options) iniSection(name string) *source { return o.readIni(name, true) }

// iniSectionAnyway is like iniSection, but ignores enable = false.
func (o *Options) iniSectionAnyway(name string) *source { return o.readIni(name, false) }

func (o *Options) readIni(name string, enabling bool) *source {
	path := o.iniPath()
	s := &source{name: "credentials file", absent: "there is no home directory to look for it"}
	if path == "" {
		return s
	}
	s.name = fmt.Sprintf("section %s of %s", name, o.displayPath(path))
	text, err := userfile.Read(path)
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
	if enabled := section.Key("enable"); enabling && enabled.String() != "" {
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
	s.remedy = "fix the section"
	return s
}

// byType returns the fetch for a section's type.
func (o *Options) byType(section *ini.Section) (fetch, error) {
	value := func(key string) string { return section.Key(key).String() }
	kind := value("type")
	requires := func(keys ...string) error {
		for _, key := range keys {
			if value(key) == "" {
				return fmt.Errorf("it has no %s, which type = %s requires", key, kind)
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
		return fixed("the section", keys), requires("access_key_id", "access_key_secret")
	case "sts":
		keys.SecurityToken = value("security_token")
		return fixed("the section", keys), requires("access_key_id", "access_key_secret", "security_token")
	case "ecs_ram_role":
		return o.metadataService().keys(value("role_name")), nil
	case "ram_role_arn":
		return o.sts().assume(r, fetchSigner(fixed("the section", keys))), requires("access_key_id", "access_key_secret", "role_arn")
	case "oidc_role_arn":
		oidc := oidcRole{provider: value("oidc_provider_arn"), tokenFile: value("oidc_token_file_path"), role: r}
		return o.sts().assumeWithOIDC(oidc), requires("oidc_provider_arn", "oidc_token_file_path", "role_arn")
	case "credentials_uri":
		return fetchURI(value("credentials_uri"), o.Transport), requires("credentials_uri")
	case "":
		return nil, errors.New("it has no type: want access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn or credentials_uri")
	}
	return nil, fmt.Errorf("type = %s is not supported: want access_key, sts, ram_role_arn, ecs_ram_role, oidc_role_arn or credentials_uri", kind)
}
