package cmd

import (
	"github.com/spf13/cobra"

	"muster/pkg/render"
)

func newConfigCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show muster's own settings",
		Long: `Show muster's own settings. A flag wins over MUSTER_* in the environment, that over ~/.config/muster/config.yaml, and
that over the profile of the aliyun CLI and its ALIBABA_CLOUD_* variables.`,
		Example: `  muster config list
  MUSTER_REGION=cn-beijing muster config list -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List every setting, its value and where that comes from",
		Example: `  muster config list
  muster config list --profile prod`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			document := &render.Settings{Settings: []render.Setting{}}
			for _, s := range a.config.Settings() {
				document.Settings = append(document.Settings, render.Setting{Key: s.Key, Value: s.Value, Origin: s.Origin})
			}
			return a.print(document)
		},
	})
	return cmd
}
