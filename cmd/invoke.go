package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// invokeOptions are the flags of `muster invoke`.
type invokeOptions struct{ launchFlags }

func newInvokeCommand(a *app) *cobra.Command {
	o := new(invokeOptions)
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "invoke [flags] COMMAND",
		Short:       "Run a saved command on instances and wait until they finish",
		Long: `Run a saved command, given by its id or name, in calls of at most 100 instances, and wait until every
instance has finished. The report is that of muster run.`,
		Example: `  muster invoke c-7d2a745b412b4601b2d47f6a768d -t env=prod
  muster invoke restart-nginx -i i-bp185dy2o3o6neg
  muster invoke install-app -t role=web -P version=1.4.2`,
		Args: oneCommand,
		RunE: func(cmd *cobra.Command, args []string) error { return runInvoke(cmd, a, o, args[0]) },
	}
	o.add(cmd.Flags())
	return cmd
}

func runInvoke(cmd *cobra.Command, a *app, o *invokeOptions, command string) error {
	selection, err := o.targets.selection(cmd.Context(), a.finder, false)
	if err != nil {
		return err
	}
	request, err := o.request(cmd.Context(), a.reader, selection)
	if err != nil {
		return err
	}
	rules, err := o.command.rollout(a.runner, &o.rollout)
	if err != nil {
		return err
	}
	ctx, cancel := o.wait.context(cmd.Context())
	defer cancel()
	all, err := a.connectSites(ctx, o.targets.allRegions)
	if err != nil {
		return err
	}
	return a.useSites(ctx, all, func(all sites) error {
		saved, ids, err := findCommands(ctx, all, command, a.limits(), request)
		if err != nil {
			return err
		}
		request.CommandId = saved.CommandId
		return a.start(ctx, all, &launch{
			launcher: cmp.Or(request.Launcher, saved.Launcher), warnings: a.maskWarnings(lintSaved(saved, request)),
			runID: newRunID(time.Now()), command: fleet.Command{Invoke: request, Saved: ids}, flags: &o.command, selection: selection,
			rollout: rules, title: saved.Name, batchSize: a.config.InvokeBatch, commandType: saved.Type, content: saved.CommandContent,
			enabled: saved.EnableParameter, parameters: request.Parameters, secrets: a.secrets, hidden: o.command.secretNames(),
		})
	})
}

// lintSaved returns warnings about the script of a saved command. An invalid script is only a warning, because this run does not define it.
func lintSaved(saved *assist.Command, request *assist.InvokeCommandRequest) []fleet.Warning {
	checked := &lint{
		content: saved.CommandContent, commandType: saved.Type, launcher: cmp.Or(request.Launcher, saved.Launcher), enabled: saved.EnableParameter,
		valued: true, refused: !saved.EnableParameter, parameters: request.Parameters,
	}
	for _, definition := range saved.ParameterDefinitions.ParameterDefinition {
		if definition.DefaultValue != "" || !definition.Required {
			checked.defaults = append(checked.defaults, strings.ToLower(definition.ParameterName))
		}
	}
	warnings, err := checked.check("")
	if wrong, ok := errors.AsType[*scriptSyntaxError](err); ok {
		warnings = append(warnings, fleet.Warning{
			Code: fleet.WarnScriptSyntax, Line: wrong.Line, Column: wrong.Column, Message: "the saved script is not valid shell: " + wrong.Message,
		})
	}
	return warnings
}

// request builds the API request from the flags, without its region, command and targets.
func (o *invokeOptions) request(ctx context.Context, rd *reader, selection *selection) (*assist.InvokeCommandRequest, error) {
	c := &o.command
	values, err := c.values(ctx, rd, selection)
	if err != nil {
		return nil, err
	}
	return &assist.InvokeCommandRequest{
		Parameters: values.parameters, Tag: values.tags, ResourceTag: values.resourceTags, RepeatMode: c.repeatMode, Frequency: c.frequency, Timed: c.timedParameter(),
		WorkingDir: c.workingDir, Timeout: int64(c.timeout / time.Second), Username: c.username,
		WindowsPasswordName: c.windowsPasswordName, ContainerId: c.containerID, ContainerName: c.containerName,
		TerminationMode: c.terminationMode, Launcher: c.launcher, OssOutputDelivery: c.ossOutputDelivery,
		ResourceGroupId: c.resourceGroupID, ClientToken: c.clientToken,
	}, nil
}

// validateInvoke validates a request by itself and with the saved command, before its targets are looked up.
func validateInvoke(r *assist.InvokeCommandRequest, saved *assist.Command, limits assist.Limits) error {
	trial := *r
	if len(trial.ResourceTag) == 0 {
		trial.InstanceId = []string{"i-0"}
	}
	if err := trial.Validate(limits); err != nil {
		return err
	}
	return trial.ValidateWith(saved)
}
