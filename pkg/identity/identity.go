package identity

import (
	"context"
	"net/http"

	"muster/pkg/assist"
)

// Identity is one source of keys, and the keys that it has given.
type Identity struct {
	Source string // such as "profile prod (~/.aliyun/config.json)"
	Mode   string // how it gets its keys, in the aliyun CLI's words: AK, StsToken, RamRoleArn, …
	keys   *renewed
}

// Keys returns keys that are valid now, and renews them in good time. The error is a *assist.CredentialsError that names the
// source, or the context's cause.
func (i *Identity) Keys(ctx context.Context) (assist.Keys, error) { return i.keys.get(ctx) }

// Options say where to look.
type Options struct {
	// Profile is the name of a profile, empty where none was named.
	Profile string
	// Named is for a profile that somebody asked muster for: nothing else is looked at then.
	Named bool
	// ProfileFile is the aliyun CLI's config.json; empty where there is none, or it is to be ignored.
	ProfileFile string
	// Home is the user's home directory; empty where there is none.
	Home string
	// Getenv reads the environment.
	Getenv func(string) string
	// Environ is the environment that helpers get.
	Environ []string
	// Offline is for a look that asks nobody: the role of this machine is then not found, unless the environment names it.
	Offline bool
	// STS is where roles are assumed; the zero value is the address of each role's own region.
	STS assist.Endpoint
	// Transport carries calls to STS and to credentials URIs.
	Transport http.RoundTripper
	// UserAgent names the program to STS.
	UserAgent string
	// Notify hears what a user should know while keys are renewed; it may be nil. It is safe for concurrent use.
	Notify func(string)
}

// fetch gets keys from a source once.
type fetch func(ctx context.Context) (assist.Keys, error)

// source is one place where keys may be. It is not there if both fetch and err are nil.
type source struct {
	name   string
	absent string // why it is not there, for the error that tells of all
	mode   string
	fetch  fetch
	err    error // why it cannot work
	remedy string
}

// there reports whether the source decides.
func (s *source) there() bool { return s.fetch != nil || s.err != nil }

func (s *source) failed(err error) *assist.CredentialsError {
	if known, ok := err.(*assist.CredentialsError); ok { //nolint:errorlint // one that is wrapped says less than what wraps it
		return known
	}
	return &assist.CredentialsError{Source: s.name, Err: err, Remedy: s.remedy}
}

// Find returns the identity of the first source that is there:
//
//  1. the profile that was asked for by name, where Named is set
//  2. ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, with ALIBABA_CLOUD_SECURITY_TOKEN
//  3. the profile of ALIBABA_CLOUD_PROFILE, or the current one of the aliyun CLI
//  4. the section default of ~/.alibabacloud/credentials
//  5. OIDC, by ALIBABA_CLOUD_OIDC_TOKEN_FILE or ALIBABA_CLOUD_OIDC_TOKEN
//  6. ALIBABA_CLOUD_CREDENTIALS_URI
//  7. the RAM role of the instance that muster runs on
//
// Variables are also read as ALIBABACLOUD_* and ALICLOUD_*. A profile is looked for in the aliyun CLI's file first, then among
// the sections of the credentials file. The error is a *assist.CredentialsError: of the source that is there and cannot work, or
// of all where none is there. Only the last source is asked for this; whether the keys of another one are good shows when they
// are used.
func Find(ctx context.Context, o Options) (*Identity, error) {
	var tried []string
	for _, open := range o.sources() {
		s := open(ctx)
		if !s.there() {
			tried = append(tried, s.name+": "+s.absent)
			continue
		}
		if s.err != nil {
			return nil, s.failed(s.err)
		}
		return &Identity{Source: s.name, Mode: s.mode, keys: newRenewed(s, o.Notify)}, nil
	}
	return nil, &assist.CredentialsError{Tried: tried}
}

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

// prefixes are those of the variables.
func prefixes() []string { return []string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"} }

// SecretVariables returns the names of the variables whose values are secrets, or may contain one.
func SecretVariables() []string {
	var names []string
	for _, prefix := range prefixes() {
		for _, suffix := range []string{"ACCESS_KEY_SECRET", "SECURITY_TOKEN", "OIDC_TOKEN", "CREDENTIALS_URI"} {
			names = append(names, prefix+suffix)
		}
	}
	return names
}

// env reads a variable that is known under three prefixes, and tells its name.
func (o *Options) env(suffix string) (name, value string) {
	for _, prefix := range prefixes() {
		if value := o.Getenv(prefix + suffix); value != "" {
			return prefix + suffix, value
		}
	}
	return "ALIBABA_CLOUD_" + suffix, ""
}
