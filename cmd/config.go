package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/render"
)

func newConfigCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Set up muster and print its settings",
		Long: `Set up muster and print its settings. A setting is taken from the first of these that has it: a flag, a
MUSTER_* variable, .muster.yaml of the project, ~/.config/muster/config.yaml, and the profile of the aliyun CLI with its
ALIBABA_CLOUD_* variables.`,
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
		Short:       "List all settings and the defaults of flags",
		Long: `List all settings, the defaults of flags, and the kind of credentials; with --show-origin, also where each
comes from.

Problems in the settings, such as an invalid value or an unreadable file, are listed below them with file and line; such a
setting has its default. The exit code is 1 if a call would need what is broken.`,
		Example: `  muster config list
  muster config list --show-origin
  muster config list --profile prod -o json | jq -r '.Settings[] | select(.Origin != "default") | .Key'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, s := range a.config.Settings() {
				document.Settings = append(document.Settings, render.Setting{Key: s.Key, Value: s.Value, Origin: s.Origin})
			}
			for _, given := range a.config.Defaults {
				value := strings.Join(given.Values, ",")
				if given.Flag == accessKeySecretFlag {
					value = "******"
				}
				document.Settings = append(document.Settings, render.Setting{
					Key: "defaults." + given.Command + "." + given.Flag, Value: value, Origin: given.Origin,
				})
			}
			document.Settings = append(document.Settings, a.credentialsSetting(cmd.Context()))
			broken := false
			for _, p := range a.problems() {
				broken = broken || a.affectsCalls(a.config, a.config.Region, p)
				document.Problems = append(document.Problems, render.SettingProblem{
					Key: p.Key, File: p.Path, Line: p.Line, Message: p.Err.Error(), Remedy: a.problemAdvice(p),
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
