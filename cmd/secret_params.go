package cmd

import (
	"maps"
	"slices"
	"strings"
)

// secretParams reads the values of --secret-param, and has them masked from then on in all that muster says or keeps.
func (a *app) secretParams(texts []string) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range texts {
		key, value, given := strings.Cut(text, "=")
		if key == "" {
			return nil, usagef("--secret-param: want a parameter's name first, such as password=env:PASSWORD")
		}
		if _, twice := values[key]; twice {
			return nil, usagef("--secret-param %s is given twice", key)
		}
		value, err := a.secretValue(key, value, given)
		if err != nil {
			return nil, err
		}
		values[key] = value
	}
	a.secrets = slices.Collect(maps.Values(values))
	// A longer secret first, for a shorter one may be a part of it.
	slices.SortFunc(a.secrets, func(x, y string) int { return len(y) - len(x) })
	return values, nil
}

func (a *app) secretValue(key, text string, given bool) (string, error) {
	if given {
		return a.paramValue(key, text)
	}
	keyboard := a.keyboard()
	if keyboard == nil {
		return "", usagef("--secret-param %s: there is no terminal to ask for its value: give %s=env:NAME or %s=@FILE", key, key, key)
	}
	value, err := keyboard.AskHidden("value of the parameter " + key + ": ")
	if err != nil {
		return "", usagef("--secret-param %s: %v", key, err)
	}
	return value, nil
}

// hidden are the names of the parameters that are secret.
func (f *commandFlags) hidden() []string {
	var names []string
	for _, text := range f.secretParams {
		name, _, _ := strings.Cut(text, "=")
		names = append(names, name)
	}
	return names
}
