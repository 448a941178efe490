package cmd

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/lab"
)

// labChoice chooses among the running labs. The zero labChoice matches all of them.
type labChoice struct {
	data     string // of --data
	endpoint string // of --endpoint, with the profile lab
}

func (c *labChoice) add(flags *pflag.FlagSet) {
	flags.StringVar(&c.data, "data", "", "`DIR`: use the lab of this data directory (default: the lab that was started last)")
}

// matches reports whether a lab is one of those that were chosen.
func (c *labChoice) matches(connection lab.Connection) bool {
	if c.data != "" && (connection.Data == "" || realPath(c.data) != realPath(connection.Data)) {
		return false
	}
	if c.endpoint == "" {
		return true
	}
	endpoint, err := assist.ParseEndpoint(c.endpoint)
	return err == nil && endpoint.Host == connection.Endpoint
}

// unmatched returns the error for a choice that matches none of the running labs.
func (c *labChoice) unmatched(running []lab.Connection) error {
	chosen := "in " + c.data
	if c.endpoint != "" {
		chosen = "on " + c.endpoint
	}
	var others []string
	for _, connection := range running {
		text := connection.Endpoint
		if connection.Data != "" {
			text += fmt.Sprintf(" (%s)", connection.Data)
		}
		others = append(others, text)
	}
	return usagef("no lab is running %s; running: %s", chosen, strings.Join(others, ", "))
}

// realPath returns an absolute path without symbolic links, as far as it exists.
func realPath(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path
}
