package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"muster/pkg/lab"
	"muster/pkg/render"
)

// labOptions are what `muster lab` was told.
type labOptions struct {
	instances labFlag
	fleetFile string
	listen    string
}

func newLabCommand(a *app) *cobra.Command {
	o := &labOptions{instances: 5}
	cmd := &cobra.Command{
		Use:   "lab [flags]",
		Short: "Serve a Cloud Assistant on this machine",
		Long: `Serve a Cloud Assistant on this machine until it is interrupted: the same API over HTTP, real signatures, and instances
that live in directories of their own and really run the scripts, as the user who started the lab.

Its instances are alike, so many as --instances says; or they are those of a fleet file, which docs/lab.md explains.

It prints its endpoint and the exports that other clients of the API need. muster itself reaches it by the profile lab.
It listens on 127.0.0.1 only, and its keys are new each time. With --fault it fails on demand,
and in the end it tells how often.`,
		Example: `  muster lab --instances 20
  muster lab --fleet fleet.yaml
  muster -p lab run --all -- uptime
  muster -p lab invocations
  muster lab --fault 'RunCommand=Throttling*3' --fault task=DeliveryTimeout`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLab(cmd.Context(), a, o) },
	}
	cmd.Flags().Var(&o.instances, "instances", "how many instances there are")
	cmd.Flags().StringVar(&o.fleetFile, "fleet", "", "the instances that a fleet `file` names, in place of --instances; - is stdin")
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:0", "the loopback `address` to listen on; port 0 is any that is free")
	cmd.AddCommand(newLabInstancesCommand(a), newLabFaultsCommand(a))
	return cmd
}

func runLab(ctx context.Context, a *app, o *labOptions) (err error) {
	path, err := a.labConnectionPath()
	if err != nil {
		return err
	}
	options, err := o.fleet(a)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "muster-lab-")
	if err != nil {
		return fmt.Errorf("make a directory for the lab: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	options.Dir, options.FaultSeed = dir, a.seedOf(options.Faults)
	machine, err := lab.New(options)
	if err != nil {
		return fmt.Errorf("make a lab: %w", err)
	}
	defer func() { err = errors.Join(err, machine.Close()) }()
	server, err := lab.Start(context.WithoutCancel(ctx), machine, o.listen)
	if err != nil {
		return fmt.Errorf("start the lab: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	id, secret := machine.Key()
	connection := lab.Connection{Endpoint: server.Endpoint(), AccessKeyId: id, AccessKeySecret: secret, RegionId: machine.Region(), Pid: os.Getpid()}
	if err := lab.WriteConnection(path, connection); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lab.RemoveConnection(path, connection)) }()
	if err := a.print(&labDocument{Connection: connection, Instances: len(options.Instances)}); err != nil {
		return err
	}
	<-ctx.Done()
	a.noteFaults(machine)
	return nil
}

// labDocument is how a lab can be reached.
type labDocument struct {
	lab.Connection
	Instances int
}

// Records is the one document.
func (d *labDocument) Records() []any { return []any{d} }

// WriteTable writes lines that a shell can read: what is not an export is a comment.
func (d *labDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintf(w, `# a lab of %d instances in %s listens on http://%s; Ctrl-C ends it
# muster reaches it as it is: muster -p lab run --all -- uptime
# other clients of the API (over plain HTTP) need:
export ALIBABA_CLOUD_ENDPOINT=%s
export ALIBABA_CLOUD_ACCESS_KEY_ID=%s
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=%s
export ALIBABA_CLOUD_REGION_ID=%s
`, d.Instances, d.RegionId, d.Endpoint, d.Endpoint, d.AccessKeyId, d.AccessKeySecret, d.RegionId)
	return err
}
