package cmd

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// runOptions are the flags of `muster run`.
type runOptions struct {
	launchFlags
	script      scriptFlags
	name        string
	description string
	keep        bool
}

func newRunCommand(a *app) *cobra.Command {
	o := new(runOptions)
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "run [flags] -- SCRIPT",
		Short:       "Run a script on instances and wait until they finish",
		Long: `Run a script on instances, in calls of at most 50, and wait until every instance has finished. Then print
a table of how each one did, the outputs (equal ones once) and a summary.

Give the script after --, from a file or from stdin. One word after -- is a script; several are a command and its arguments,
which arrive as you typed them. A script that no shell can read is not sent. Instances that cannot run it now are left out and
reported.`,
		Example: `  muster run --lab=5 -- 'echo hello from $(hostname)'
  muster run -t env=prod -t role=web -f deploy.sh
  muster run -t env=prod --follow -f deploy.sh
  muster run -i i-bp185dy2o3o6neg,i-bp67acfmxazb4p -- uptime
  cat check.sh | muster run --all --sample 10% -
  muster run -t env=prod -P version=1.4.2 --timeout 10m -- 'install-app {{version}}'
  muster run -I ids.txt -o json -- df -h / | jq -r '.Instances[] | select(.Cause != "success") | .InstanceId'`,
		RunE: func(cmd *cobra.Command, args []string) error { return runRun(cmd, a, o, args) },
	}
	flags := cmd.Flags()
	o.script.add(flags)
	groupScript.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&o.name, "name", "", "`NAME`: name the command in the service's records")
		flags.StringVar(&o.description, "description", "", "`TEXT`: describe the command in the service's records")
		flags.BoolVar(&o.keep, "keep", false, "keep the command, to be invoked again")
	})
	o.add(flags)
	return cmd
}

func runRun(cmd *cobra.Command, a *app, o *runOptions, args []string) error {
	script, err := a.readScript(cmd, args, o.script)
	if err != nil {
		return err
	}
	selection, err := o.targets.selection(cmd.Context(), a.finder, script.stdin)
	if err != nil {
		return err
	}
	runID := newRunID(time.Now())
	request, err := o.request(cmd.Context(), a.reader, script, selection, runID)
	if err != nil {
		return err
	}
	rules, err := o.command.rollout(a.runner, &o.rollout)
	if err != nil {
		return err
	}
	ctx, cancel := o.wait.context(cmd.Context())
	defer cancel()
	l := &launch{
		runID: runID, command: fleet.Command{Run: request}, flags: &o.command, selection: selection, batchSize: a.config.RunBatch,
		rollout: rules, title: script.title(), commandType: request.Type, content: plainContent(request), enabled: request.EnableParameter,
		parameters: request.Parameters, secrets: a.secrets, hidden: o.command.secretNames(), launcher: request.Launcher,
	}
	if err := validateRun(request, a.limits()); err != nil {
		return err
	}
	if l.warnings, err = o.lint(a.printer, cmd, script, l); err != nil {
		return err
	}
	all, err := a.connectSites(ctx, o.targets.allRegions)
	if err != nil {
		return err
	}
	return a.useSites(ctx, all, func(all sites) error { return a.start(ctx, all, l) })
}

// lint checks the script, unless --no-lint is given.
func (o *runOptions) lint(p *printer, cmd *cobra.Command, s *script, l *launch) ([]fleet.Warning, error) {
	warnings := s.warnings
	if !o.script.noLint {
		checked := &lint{
			content: l.content, commandType: l.commandType, launcher: l.launcher, enabled: l.enabled, valued: true, parameters: l.parameters,
			refused: cmd.Flags().Changed("enable-parameter") && !o.command.enableParameter,
		}
		found, err := checked.check(s.from())
		if err != nil {
			return nil, &usageError{err}
		}
		warnings = append(warnings, found...)
	}
	return p.maskWarnings(warnings), nil
}

// request builds the API request from the flags, without its region and targets.
func (o *runOptions) request(ctx context.Context, rd *reader, s *script, selection *selection, runID string) (*assist.RunCommandRequest, error) {
	commandType, err := s.commandType(o.script.kind)
	if err != nil {
		return nil, err
	}
	c := &o.command
	values, err := c.values(ctx, rd, selection)
	if err != nil {
		return nil, err
	}
	plain, content, encoding, err := s.encoded(o.script.encoding)
	if err != nil {
		return nil, err
	}
	return &assist.RunCommandRequest{
		Name: cmp.Or(o.name, defaultName(runID, c.clientToken)), Description: o.description, Type: commandType, KeepCommand: o.keep,
		CommandContent: content, ContentEncoding: encoding,
		EnableParameter: c.enableParameter || len(values.parameters) > 0 || assist.HasBuiltin(plain),
		Parameters:      values.parameters, Tag: values.tags, ResourceTag: values.resourceTags, RepeatMode: c.repeatMode, Frequency: c.frequency, Timed: c.timedParameter(),
		WorkingDir: c.workingDir, Timeout: int64(c.timeout / time.Second), Username: c.username,
		WindowsPasswordName: c.windowsPasswordName, ContainerId: c.containerID, ContainerName: c.containerName,
		TerminationMode: c.terminationMode, Launcher: c.launcher, OssOutputDelivery: c.ossOutputDelivery,
		ResourceGroupId: c.resourceGroupID, ClientToken: c.clientToken,
	}, nil
}

// plainContent returns the content of a request as the instances receive it. It has been decoded before, so that it cannot fail.
func plainContent(r *assist.RunCommandRequest) string {
	content, _ := assist.DecodeContent(r.CommandContent, assist.Encoding(r.ContentEncoding, assist.PlainText))
	return string(content)
}

// validateRun validates a request before its targets are looked up.
func validateRun(r *assist.RunCommandRequest, limits assist.Limits) error {
	trial := *r
	trial.RegionId = labRegion // the region of each call is known to be valid
	if len(trial.ResourceTag) == 0 {
		trial.InstanceId = []string{"i-0"}
	}
	return trial.Validate(limits)
}

// newRunID returns a unique id that sorts by time.
func newRunID(now time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // it never fails
	moment := strings.Replace(now.UTC().Format("20060102t150405.000"), ".", "", 1)
	return moment + "-" + hex.EncodeToString(b[:])
}

// defaultName returns the name in the service's records for a run whose user gave none. With a client token the name is made of the
// token: with the run's id, a repeated call would differ, and the service refuses that.
func defaultName(runID, clientToken string) string { return "muster-" + cmp.Or(clientToken, runID) }
