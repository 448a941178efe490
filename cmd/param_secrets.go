package cmd

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"muster/pkg/fleet"
)

// addSecretParams adds the flag that gives the secret parameters of a recorded run again.
func addSecretParams(flags *pflag.FlagSet, to *[]string) {
	groupScript.add(flags, func(flags *pflag.FlagSet) {
		addValues(flags, to, "secret-param", "", "`KEY=env:NAME`: give a secret parameter of the run again; also KEY=@FILE, or KEY=VALUE, which the list of processes shows; asked for otherwise")
	})
}

// secretParams reads the values of --secret-param. From then on they are masked in everything that is printed or recorded.
func (rd *reader) secretParams(ctx context.Context, texts []string) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range texts {
		key, value, given := strings.Cut(text, "=")
		if key == "" {
			return nil, usagef("--secret-param: want a parameter's name first, such as password=env:PASSWORD")
		}
		if _, twice := values[key]; twice {
			return nil, usagef("--secret-param %s is given twice", key)
		}
		value, err := rd.secretValue(ctx, key, value, given)
		if err != nil {
			return nil, err
		}
		values[key] = value
	}
	rd.secrets = fleet.NewSecrets(slices.Collect(maps.Values(values))...)
	return values, nil
}

func (rd *reader) secretValue(ctx context.Context, key, text string, given bool) (string, error) {
	if given {
		return rd.paramValue(ctx, "--secret-param", key, text)
	}
	keyboard := rd.keyboard()
	if keyboard == nil {
		return "", usagef("--secret-param %s: its value is not given, and %s: give %s=env:NAME or %s=@FILE", key, noTerminal, key, key)
	}
	value, err := keyboard.AskHidden(ctx, "value of the parameter "+key+": ")
	switch {
	case ctx.Err() != nil:
		return "", err
	case err != nil:
		return "", usagef("--secret-param %s: %v", key, err)
	case value == "":
		return "", usagef("--secret-param %s: no value was given", key)
	}
	return value, nil
}

// secretNames returns the names of the secret parameters.
func (f *commandFlags) secretNames() []string {
	var names []string
	for _, text := range f.secretParams {
		name, _, _ := strings.Cut(text, "=")
		names = append(names, name)
	}
	return names
}

// withSecrets returns a recorded command with its secret parameters, and asks for those that are not given.
func (rd *reader) withSecrets(ctx context.Context, command fleet.Command, names, given []string) (fleet.Command, error) {
	for _, text := range given {
		if name, _, _ := strings.Cut(text, "="); !slices.Contains(names, name) {
			return command, usagef("--secret-param %s: the run has no such secret parameter", name)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(given, func(text string) bool { key, _, _ := strings.Cut(text, "="); return key == name }) {
			given = append(given, name)
		}
	}
	if len(given) == 0 {
		return command, nil
	}
	secrets, err := rd.secretParams(ctx, given)
	if err != nil {
		return command, err
	}
	values := maps.Clone(command.Parameters())
	if values == nil {
		values = map[string]string{}
	}
	maps.Copy(values, secrets)
	return command.WithParameters(values), nil
}
