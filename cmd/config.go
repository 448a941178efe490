package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/render"
)

func newConfigCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Set muster up, and show its settings",
		Long: `Set muster up, and show its settings. A flag wins over MUSTER_* in the environment, that over .muster.yaml of the project,
that over ~/.config/muster/config.yaml, and that over the profile of the aliyun CLI and its ALIBABA_CLOUD_* variables.`,
		Example: `  muster config init
  muster config list --show-origin
  MUSTER_REGION=cn-beijing muster config list -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigInitCommand(a), newConfigListCommand(a))
	return cmd
}

func newConfigListCommand(a *app) *cobra.Command {
	document := &render.Settings{Settings: []render.Setting{}}
	cmd := &cobra.Command{
		Annotations: map[string]string{examinesSettings: inDocument},
		Use:         "list",
		Aliases:     []string{"ls", "show", "get"},
		Short:       "List every setting and its value, and the defaults of flags",
		Long: `List every setting and its value, the defaults of flags, and how the credentials are got: with --show-origin, from where.

What is broken in the settings, such as a value that cannot be used or a file that cannot be read, is listed below them with
its file and line; such a setting has its default. The exit code is then 1, unless no call needs what is broken: a profile
that nobody asked for, where the environment has the keys and the region is known.`,
		Example: `  muster config list
  muster config list --show-origin
  muster config list --profile prod -o json | jq -r '.Settings[] | select(.Origin != "default") | .Key'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, s := range a.config.Settings() {
				document.Settings = append(document.Settings, render.Setting{Key: s.Key, Value: s.Value, Origin: s.Origin})
			}
			for _, given := range a.config.Defaults {
				document.Settings = append(document.Settings, render.Setting{
					Key: "defaults." + given.Command + "." + given.Flag, Value: strings.Join(given.Values, ","), Origin: given.Origin,
				})
			}
			document.Settings = append(document.Settings, a.credentialsSetting(cmd.Context()))
			broken := false
			for _, p := range a.problems() {
				broken = broken || a.matters(a.config, a.config.Region, p)
				document.Problems = append(document.Problems, render.SettingProblem{
					Key: p.Key, File: p.Path, Line: p.Line, Message: p.Err.Error(), Remedy: a.problemRemedy(p),
				})
			}
			if err := a.print(document); err != nil {
				return err
			}
			if broken {
				return &outcomeError{exitFailed}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&document.ShowOrigin, "show-origin", false, "print where each value comes from: a flag, a variable, a file, a profile or default")
	return cmd
}
