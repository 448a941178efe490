package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
)

// parameters returns the values of custom parameters. Those of flags override those of files.
func (f *commandFlags) parameters(ctx context.Context, rd *reader) (assist.JSONMap, error) {
	values := assist.JSONMap{}
	for _, name := range f.paramsFiles {
		more, err := readParams(ctx, rd, name)
		if err != nil {
			return nil, err
		}
		for key, value := range more {
			values[key] = value
		}
	}
	given := map[string]bool{}
	for _, text := range f.params {
		if strings.HasPrefix(text, "{") { // the API's own form, as in --parameters
			more, err := decodeParams([]byte(text))
			if err != nil {
				return nil, usagef("--param %q: %w", text, err)
			}
			maps.Copy(values, more)
			continue
		}
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, usagef("--param %q: want KEY=VALUE%s", key, fanoutHint(rd.flags, text))
		}
		if given[strings.ToLower(key)] {
			return nil, usagef("--param %s is given twice", key)
		}
		given[strings.ToLower(key)] = true
		value, err := rd.paramValue(ctx, "--param", key, value)
		if err != nil {
			return nil, err
		}
		values[key] = value
	}
	secrets, err := rd.secretParams(ctx, f.secretParams)
	if err != nil {
		return nil, err
	}
	for key, value := range secrets {
		if given[strings.ToLower(key)] {
			return nil, usagef("--param and --secret-param both set %s", key)
		}
		values[key] = value
	}
	if len(values) == 0 {
		return nil, nil
	}
	return values, nil
}

// paramValue reads @file and env:NAME, which keep a value off the command line; @@ stands for an @.
func (rd *reader) paramValue(ctx context.Context, flag, key, value string) (string, error) {
	switch {
	case strings.HasPrefix(value, "@@"):
		return value[1:], nil
	case strings.HasPrefix(value, "@"):
		content, err := rd.readAll(ctx, value[1:])
		if err != nil {
			return "", fmt.Errorf("%s %s: %w", flag, key, err)
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r"), nil
	case strings.HasPrefix(value, "env:"):
		name := strings.TrimPrefix(value, "env:")
		found := rd.getenv(name)
		if found == "" {
			return "", usagef("%s %s: the environment variable %s is not set", flag, key, name)
		}
		return found, nil
	}
	return value, nil
}

// readParams reads names and values from JSON or YAML. Numbers and booleans are kept as written.
func readParams(ctx context.Context, rd *reader, name string) (map[string]string, error) {
	content, err := rd.readAll(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("--params-file: %w", err)
	}
	values, err := decodeParams(content)
	if err != nil {
		return nil, usagef("--params-file %s: %w", name, err)
	}
	return values, nil
}

func decodeParams(content []byte) (map[string]string, error) {
	var nodes map[string]yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(content)).Decode(&nodes); errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	} else if err != nil {
		return nil, fmt.Errorf("want names and values as JSON or YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	values := map[string]string{}
	for key, node := range nodes {
		switch {
		case node.Kind != yaml.ScalarNode:
			return nil, fmt.Errorf("line %d: the value of %s is not a text or a number", node.Line, key)
		case node.Tag == "!!null":
			values[key] = ""
		default:
			values[key] = node.Value
		}
	}
	return values, nil
}
