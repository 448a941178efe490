package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// invokeOptions are what `muster invoke` was told.
type invokeOptions struct {
	targets targetFlags
	command commandFlags
	wait    waitFlags
}

func newInvokeCommand(a *app) *cobra.Command {
	o := new(invokeOptions)
	cmd := &cobra.Command{
		Use:   "invoke [flags] COMMAND",
		Short: "Run a saved command on instances and wait for every one of them",
		Long: `Run a saved command, named by its id or by its name, on instances, in calls of at most 100, and wait until every one
of them has come to an end. The report is that of muster run.`,
		Example: `  muster invoke c-7d2a745b412b4601b2d47f6a768d -t env=prod
  muster invoke restart-nginx -i i-bp185dy2o3o6neg
  muster invoke install-app -t role=web -P version=1.4.2`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("want the id or the name of one saved command, not %d arguments", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runInvoke(cmd, a, o, args[0]) },
	}
	o.targets.add(cmd.Flags())
	o.command.add(cmd.Flags())
	o.wait.add(cmd.Flags())
	return cmd
}

func runInvoke(cmd *cobra.Command, a *app, o *invokeOptions, command string) error {
	selection, err := o.targets.selection(a, false)
	if err != nil {
		return err
	}
	request, err := o.request()
	if err != nil {
		return err
	}
	ctx, cancel := o.wait.context(cmd.Context())
	defer cancel()
	return a.use(ctx, func(s *session) error {
		saved, err := findCommand(ctx, a, s, command)
		if err != nil {
			return err
		}
		request.RegionId, request.CommandId = s.region, saved.CommandId
		trial := *request
		trial.InstanceId = []string{"i-0"}
		if err := trial.Validate(assist.DefaultLimits()); err != nil {
			return err
		}
		who, err := selection.resolve(ctx, a, s, saved.Type)
		if err != nil {
			return err
		}
		plan := fleet.NewPlan(newRunID(time.Now()), fleet.Command{Invoke: request}, who.targets, who.skipped, a.config.InvokeBatch)
		return a.await(ctx, s, func(ctx context.Context, engine *fleet.Engine) (*fleet.State, error) {
			return engine.Run(ctx, plan)
		})
	})
}

func (o *invokeOptions) request() (*assist.InvokeCommandRequest, error) {
	parameters, err := o.command.parameters()
	if err != nil {
		return nil, err
	}
	tags, err := o.command.tags()
	if err != nil {
		return nil, err
	}
	c := &o.command
	return &assist.InvokeCommandRequest{
		Parameters: parameters, Tag: tags, WorkingDir: c.workingDir, Timeout: int64(c.timeout), Username: c.username,
		WindowsPasswordName: c.windowsPasswordName, ContainerId: c.containerID, ContainerName: c.containerName,
		TerminationMode: c.terminationMode, Launcher: c.launcher, OssOutputDelivery: c.ossOutputDelivery,
		ResourceGroupId: c.resourceGroupID,
	}, nil
}

// findCommand finds a saved command of the account by its id, or by its name, which must be nobody else's.
func findCommand(ctx context.Context, a *app, s *session, command string) (*assist.Command, error) {
	request := assist.DescribeCommandsRequest{RegionId: s.region, ContentEncoding: assist.PlainText}
	request.MaxResults = int64(a.config.PageSize)
	byID := strings.HasPrefix(command, "c-")
	if byID {
		request.CommandId = command
	} else {
		request.Name = command
	}
	var found []assist.Command
	for saved, err := range s.client.AllCommands(ctx, request) {
		var refused *assist.Error
		if errors.As(err, &refused) && refused.HTTPStatus == http.StatusNotFound {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("look up the command: %w", err)
		}
		if byID && saved.CommandId == command || !byID && saved.Name == command {
			found = append(found, saved)
		}
	}
	switch len(found) {
	case 0:
		return nil, usagef("there is no saved command %s in %s", command, s.region)
	case 1:
		return &found[0], nil
	}
	var ids []string
	for _, saved := range found {
		ids = append(ids, saved.CommandId)
	}
	return nil, usagef("%d saved commands are named %s: give one by its id: %s", len(found), command, strings.Join(ids, ", "))
}
