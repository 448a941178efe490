package cmd

import (
	"context"
	"errors"
	"os"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/identity"
	"muster/pkg/render"
)

// identify finds the source of keys for a profile's settings. It does so once per profile, for all regions.
func (cn *connector) identify(ctx context.Context, c *config.Config, endpoint assist.Endpoint) (*identity.Identity, error) {
	if known := cn.identities[c]; known != nil {
		return known, nil
	}
	o := cn.identityOptions(c)
	if endpoint.Loopback() {
		o.STS = endpoint // a lab is both services
	}
	who, err := identity.Find(ctx, o)
	if err != nil {
		return nil, err
	}
	if name, hidden := hiddenProfile(c, who); hidden && !cn.config.Quiet {
		cn.note("%s=%s is not used: the keys in the environment take precedence", name, c.Profile)
	}
	cn.identities[c] = who
	return who, nil
}

// identityOptions returns where to look for the keys of a profile's settings.
func (cn *connector) identityOptions(c *config.Config) identity.Options {
	return identity.Options{
		Profile: c.Profile, Named: c.ProfileChosen && !fromCloudVariable(c), ProfileFile: c.ProfileFile, Home: config.Home(config.Options{}),
		Getenv: cn.getenv, Environ: os.Environ(), UserAgent: "muster/" + version,
		Transport: assist.NewTransport(assist.Timeouts{Connect: c.ConnectTimeout, Read: c.ReadTimeout}),
		Notify:    func(text string) { cn.note("%s", text) },
	}
}

// credentialsSetting reports where keys would come from, without a call.
func (cn *connector) credentialsSetting(ctx context.Context) render.Setting {
	s := render.Setting{Key: "credentials"}
	if cn.config.Lab() || cn.lab.size > 0 {
		s.Value, s.Origin = "lab", "the lab's own keys"
		return s
	}
	o := cn.identityOptions(cn.config)
	o.Offline = true
	who, err := identity.Find(ctx, o)
	none, broken := errors.AsType[*assist.CredentialsError](err)
	switch {
	case err == nil:
		s.Value, s.Origin = who.Mode, who.Source
	case broken && none.Source != "":
		s.Value, s.Origin = "broken: "+none.Err.Error(), none.Source
	default:
		s.Value, s.Origin = "none", "unless this machine has a RAM role"
	}
	return s
}

// hiddenProfile reports whether the environment names a profile and has keys that take precedence over it.
func hiddenProfile(c *config.Config, who *identity.Identity) (variable string, hidden bool) {
	variable, _ = strings.CutPrefix(c.Origin("profile"), "env ")
	return variable, fromCloudVariable(c) && strings.HasPrefix(who.Source, "the environment")
}

// fromCloudVariable reports whether only the variable of the aliyun CLI and the SDKs names the profile. Keys in the environment take
// precedence over such a profile.
func fromCloudVariable(c *config.Config) bool {
	return strings.HasPrefix(c.Origin("profile"), "env AL")
}

// fingerprint returns the fingerprint of the session's keys, or "" if there are none.
func (s *session) fingerprint(ctx context.Context) string {
	keys, err := s.signer.Keys(ctx)
	if err != nil {
		return ""
	}
	return keys.Fingerprint()
}
