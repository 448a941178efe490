package identity

import (
	"context"
	"net/http"

	"muster/pkg/assist"
)

// Identity is a source of keys, with the keys that it has returned.
type Identity struct {
	Source string // such as "profile prod (~/.aliyun/config.json)"
	Mode   string // how it gets its keys, named as in the aliyun CLI: AK, StsToken, RamRoleArn, …
	keys   *renewer
}

// Keys returns valid keys, and renews them before they expire. It is safe for concurrent use. An error is a
// [*assist.CredentialsError] that names the source, or the context's cause.
func (i *Identity) Keys(ctx context.Context) (assist.Keys, error) { return i.keys.get(ctx) }

// Options configure the search for credentials.
type Options struct {
	// Profile is the name of a profile. It is empty if none was named.
	Profile string
	// Named restricts the search to Profile, because the user requested it.
	Named bool
	// ProfileFile is the path of the aliyun CLI's config.json. It is empty if there is none or it is ignored.
	ProfileFile string
	// Home is the user's home directory. It is empty if there is none.
	Home string
	// Getenv reads the environment.
	Getenv func(string) string
	// Environ is the environment of helpers.
	Environ []string
	// Offline prevents requests. The role of this machine is then only found if the environment names it.
	Offline bool
	// STS is the endpoint for assuming roles. The zero value is the endpoint of each role's region.
	STS assist.Endpoint
	// Transport is used for calls to STS and credentials URIs.
	Transport http.RoundTripper
	// UserAgent identifies the program to STS.
	UserAgent string
	// Notify receives messages for the user about renewals. It must be safe for concurrent use. It may be nil.
	Notify func(string)
}

// fetch gets new keys from a source.
type fetch func(ctx context.Context) (assist.Keys, error)

// source is a possible origin of keys. It is absent if both fetch and err are nil.
type source struct {
	name   string
	absent string // why it is absent, for the error that lists all sources
	mode   string
	fetch  fetch
	err    error // why it does not work
	remedy string
}

// present reports whether the source is present, and therefore decides.
func (s *source) present() bool { return s.fetch != nil || s.err != nil }

// wrap returns err as an error of the source.
func (s *source) wrap(err error) *assist.CredentialsError {
	if known, ok := err.(*assist.CredentialsError); ok { //nolint:errorlint // a wrapped one would lose the text of its wrapper
		return known
	}
	return &assist.CredentialsError{Source: s.name, Err: err, Remedy: s.remedy}
}

// Find returns the identity of the first source that is present:
//
//  1. the profile that the user requested, if Named is set
//  2. ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, with ALIBABA_CLOUD_SECURITY_TOKEN
//  3. the profile of ALIBABA_CLOUD_PROFILE, or the current one of the aliyun CLI
//  4. the section default of ~/.alibabacloud/credentials
//  5. OIDC, by ALIBABA_CLOUD_OIDC_TOKEN_FILE or ALIBABA_CLOUD_OIDC_TOKEN
//  6. ALIBABA_CLOUD_CREDENTIALS_URI
//  7. the RAM role of the instance that muster runs on
//
// Variables are also read as ALIBABACLOUD_* and ALICLOUD_*. A profile is searched first in the aliyun CLI's file, then among the
// sections of the credentials file. An error is a [*assist.CredentialsError] about the first present source if it does not work,
// or about all sources if none is present. Find only makes requests for the last source. Invalid keys of the others are reported
// by their first use.
func Find(ctx context.Context, o Options) (*Identity, error) {
	var tried []string
	for _, find := range o.sources() {
		s := find(ctx)
		if !s.present() {
			tried = append(tried, s.name+": "+s.absent)
			continue
		}
		if s.err != nil {
			return nil, s.wrap(s.err)
		}
		return &Identity{Source: s.name, Mode: s.mode, keys: newRenewer(s, o.Notify)}, nil
	}
	return nil, &assist.CredentialsError{Tried: tried}
}

// sources returns the functions that look for each source, in order.
func (o *Options) sources() []func(context.Context) *source {
	profile := func(context.Context) *source { return o.profile() }
	if o.Named {
		return []func(context.Context) *source{profile}
	}
	return []func(context.Context) *source{
		func(context.Context) *source { return o.environment() }, profile,
		func(context.Context) *source { return o.iniSection(defaultSection) },
		func(context.Context) *source { return o.oidc() },
		func(context.Context) *source { return o.uri() },
		o.metadata,
	}
}

func (o *Options) sts() sts { return sts{o.STS, o.Transport, o.UserAgent} }

// prefixes returns the prefixes of the variables, in the order in which they are read.
func prefixes() []string { return []string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"} }

// SecretVariables returns the names of the variables whose values are or may contain secrets.
func SecretVariables() []string {
	var names []string
	for _, prefix := range prefixes() {
		for _, suffix := range []string{"ACCESS_KEY_SECRET", "SECURITY_TOKEN", "OIDC_TOKEN", "CREDENTIALS_URI"} {
			names = append(names, prefix+suffix)
		}
	}
	return names
}

// env reads a variable with any of the three prefixes. It returns the full name and the value, or the first name if none is set.
func (o *Options) env(suffix string) (name, value string) {
	for _, prefix := range prefixes() {
		if value := o.Getenv(prefix + suffix); value != "" {
			return prefix + suffix, value
		}
	}
	return "ALIBABA_CLOUD_" + suffix, ""
}
