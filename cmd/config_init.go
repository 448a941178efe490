package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/config"
)

func newConfigInitCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Annotations: map[string]string{examinesSettings: onStderr},
		Use:         "init",
		Short:       "Find credentials, choose a profile and a region, and check them",
		Long: `Look for credentials in the environment and in ~/.aliyun/config.json, ask for what is missing, and check
the result with DescribeRegions, which changes nothing. Then print who you are and which regions answer, with their numbers of
instances.

The chosen profile and region are added to muster's config.yaml once the check has succeeded; what the file already has stays.
An access key that you type is checked and not stored: save it with aliyun configure, or export it. Without a terminal nothing
is asked, and what is missing is an error.`,
		Example: `  muster config init
  muster config init --profile prod --region cn-beijing
  muster config init -o json | jq -r '.Regions[] | select(.Instances > 0) | .RegionId'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.lab.size > 0 || a.config.Lab() {
				return usagef("a lab needs no setup: this command is for an account")
			}
			if len(a.profiles) > 1 || len(a.config.Regions()) > 1 {
				return usagef("one --region and one --profile at a time")
			}
			s := &setup{app: a, chosen: map[string]string{}}
			return s.run(cmd.Context())
		},
	}
}

// setup runs `muster config init`.
type setup struct {
	app    *app
	chosen map[string]string // settings that the user chose
	keys   *typedKeys        // that the user typed; nil if others were found
}

type typedKeys struct{ id, secret string }

func (s *setup) run(ctx context.Context) error {
	a := s.app
	if err := s.chooseProfile(ctx); err != nil {
		return err
	}
	first, err := s.connect(ctx)
	if err != nil {
		return err
	}
	return a.useSession(ctx, first, func(*session) error {
		known, err := s.check(ctx, first)
		if err != nil {
			return err
		}
		if err := s.chooseRegion(ctx, known); err != nil {
			return err
		}
		d := &setupDocument{whoami: a.whoami(ctx, first), RegionId: a.config.Region, Files: []string{}}
		if s.keys != nil {
			d.Mode, d.Provider = "AK", "what was typed"
			a.note("the access key is valid and is not stored: save it with aliyun configure --mode AK, or export ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET")
		}
		if d.Regions, err = tryRegions(ctx, a.connector, first, known); err != nil {
			return err
		}
		if d.Files, err = s.write(); err != nil {
			return err
		}
		return a.print(d)
	})
}

// reload resolves the settings again with one chosen value.
func (s *setup) reload(key, value string) error {
	s.chosen[key] = value
	return s.app.load(s.chosen)
}

// ask asks a question. Without a terminal, and for an empty answer, it returns the offered answer.
func (s *setup) ask(ctx context.Context, question, offered string) (string, error) {
	keyboard := s.app.keyboard()
	if keyboard == nil {
		return offered, nil
	}
	if offered != "" {
		question += " [" + offered + "]"
	}
	answer, err := keyboard.Ask(ctx, question+": ", nil)
	if errors.Is(err, io.EOF) {
		return "", usagef("the input ended before all questions were answered; nothing was written")
	}
	return cmp.Or(strings.TrimSpace(answer), offered), err
}

// chooseProfile asks for the profile if there are several, or if the current one does not exist. It does not ask if the command line
// or the environment names one.
func (s *setup) chooseProfile(ctx context.Context) error {
	a := s.app
	current, profiles, err := config.Profiles(config.Options{})
	if err != nil {
		return nil //nolint:nilerr // what needs a profile fails for that
	}
	var names []string
	for _, p := range profiles {
		if p.Name != config.LabProfile {
			names = append(names, p.Name)
		}
	}
	gone := slices.ContainsFunc(a.config.Problems, func(p config.Problem) bool {
		return p.Kind == config.BadProfile && a.affectsCalls(a.config, labRegion, p)
	})
	if a.config.ProfileChosen || len(names) == 0 || len(names) == 1 && !gone || a.keyboard() == nil {
		return nil
	}
	for {
		answer, err := s.ask(ctx, "Profile ("+strings.Join(names, ", ")+")", current)
		if err != nil {
			return err
		}
		if slices.Contains(names, answer) {
			if answer == current {
				return nil
			}
			return s.reload("profile", answer)
		}
		a.note("there is no profile %q%s", answer, config.DidYouMean(answer, names))
	}
}

// connect finds keys, or asks for them.
func (s *setup) connect(ctx context.Context) (*session, error) {
	a := s.app
	region := cmp.Or(a.config.Region, labRegion) // any region will do for the check
	found, err := a.connectAs(ctx, a.config, region)
	if _, none := errors.AsType[*assist.CredentialsError](err); !none || a.keyboard() == nil || a.config.ProfileChosen {
		return found, err
	}
	a.note("%s", a.explain(err))
	keys := new(typedKeys)
	if keys.id, err = s.ask(ctx, "AccessKey ID", ""); err != nil {
		return nil, err
	}
	if keys.secret, err = s.askSecret(ctx, "AccessKey secret (not shown): "); err != nil {
		return nil, err
	}
	if keys.id == "" || keys.secret == "" {
		return nil, usagef("no access key was typed; nothing was written")
	}
	s.keys = keys
	endpoint := assist.RegionEndpoint(region)
	if a.config.Endpoint != "" {
		if endpoint, err = assist.ParseEndpoint(a.config.Endpoint); err != nil {
			return nil, &usageError{err}
		}
	}
	return a.newSession(region, endpoint, assist.StaticCredentials(keys.id, keys.secret), a.config.RatePerSecond)
}

// check makes the one call that checks the keys, and returns the regions.
func (s *setup) check(ctx context.Context, first *session) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	known, err := first.regionIDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("check the credentials: %w", err)
	}
	return known, nil
}

func (s *setup) chooseRegion(ctx context.Context, known []string) error {
	a := s.app
	if a.config.Region != "" {
		if !slices.Contains(known, a.config.Region) {
			return usagef("there is no region %q (%s)%s", a.config.Region, a.config.Origin("region"), config.DidYouMean(a.config.Region, known))
		}
		return nil
	}
	if a.keyboard() == nil {
		return usagef("no region: give --region; the account has %s", strings.Join(known, ", "))
	}
	for {
		answer, err := s.ask(ctx, "Region", labRegion)
		if err != nil {
			return err
		}
		if slices.Contains(known, answer) {
			return s.reload("region", answer)
		}
		a.note("there is no region %q%s", answer, cmp.Or(config.DidYouMean(answer, known), "; there are "+strings.Join(known, ", ")))
	}
}

func (s *setup) askSecret(ctx context.Context, question string) (string, error) {
	secret, err := s.app.keyboard().AskHidden(ctx, question)
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	return secret, nil
}

// write saves the chosen settings, and returns the files it wrote.
func (s *setup) write() ([]string, error) {
	a := s.app
	files := []string{}
	options := config.Options{}
	var settings []config.Setting
	for _, key := range []string{"profile", "region"} {
		value := s.chosen[key]
		if f := a.flags.Lookup(key); f.Changed {
			value = f.Value.String()
		}
		if value != "" && !s.has(key, value) {
			settings = append(settings, config.Setting{Key: key, Value: value})
		}
	}
	if len(settings) == 0 {
		return files, nil
	}
	file, err := config.Add(options, settings)
	return append(files, file), err
}

// has reports whether a setting has a value without what was chosen here.
func (s *setup) has(key, value string) bool {
	for _, setting := range config.Load(config.Options{}).Settings() {
		if setting.Key == key {
			return setting.Value == value
		}
	}
	return false
}
