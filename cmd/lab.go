package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/lab"
	"muster/pkg/render"
	"muster/pkg/term"
)

// labOptions are the flags of `muster lab`.
type labOptions struct {
	instances   labSize
	fleetFile   string
	listen      string
	agents      string
	allowRemote bool
	data        string
	ephemeral   bool
	account     labAccount
	regions     labRegions
	log         bool
	allowHosts  []string
	tls         bool
	detach      bool
	detached    bool // this is the process that --detach has started
}

// labCommand is the name of the command that runs a lab.
const labCommand = "lab"

func newLabCommand(a *app) *cobra.Command {
	o := &labOptions{instances: 5}
	cmd := &cobra.Command{
		Use:   labCommand + " [flags]",
		Short: "Run a local Cloud Assistant emulator",
		Long: `Run a local Cloud Assistant emulator until it is interrupted: the same API over HTTP, with real
signatures, and instances that live in directories of their own and really run the scripts, as the user who started the lab.

The instances are uniform (--instances N), or those that a fleet file describes: see docs/lab.md. --fault injects faults; at the
end, the lab prints how often each one happened.

The lab prints its endpoint and the exports that other clients need; muster lab env prints them again. muster reaches it with -p
lab.

It listens on 127.0.0.1. With --allow-remote it listens on the address of --listen, for other machines. Then anyone who has its
keys and can reach the port can run scripts on this machine as the user who started it; traffic is plain HTTP, unless --tls is
given.

With --regions a,b it serves several regions, each with instances, saved commands and invocations of its own, as the service does:
muster -p lab run --all --region a,b uses both. Ids in all regions but the first include the region: i-cn-beijing-00001.

With --tls it serves HTTPS. Its CA is created once for each data directory, or at each start with --ephemeral; muster -p lab and
the exports trust it. See docs/lab.md.

Keys, commands, invocations, results, files and schedules are stored in a data directory and survive restarts and crashes. What
was running at a crash ends with ExecutionInterrupted and is not run again; what was pending is delivered; missed times of a
schedule are skipped. A data directory belongs to one lab at a time. A lab whose disk is full ends with an error.

Instances persist, too: --instances adds to them and removes none, and --fleet needs a new directory.`,
		Example: `  muster lab --instances 20
  muster lab --regions cn-hangzhou,cn-beijing
  muster lab --fleet fleet.yaml
  muster -p lab run --all -- uptime
  muster -p lab invocations
  eval "$(muster lab env)"
  muster lab --detach && muster -p lab run --all -- uptime && muster lab stop
  muster lab --ephemeral --fault 'RunCommand=Throttling*3' --fault task=DeliveryTimeout`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLab(cmd.Context(), a, o) },
	}
	flags := cmd.Flags()
	flags.Var(&o.instances, "instances", "serve at least this many instances")
	flags.StringVar(&o.fleetFile, "fleet", "", "`FILE`: serve the instances that this fleet file describes, instead of --instances; - is stdin")
	flags.StringVar(&o.listen, "listen", "", "`ADDRESS`: listen on this loopback address; port 0 is any free one (default: 127.0.0.1 with the last port, or any)")
	flags.StringVar(&o.agents, "agents", "", "`ADDRESS`: also serve official agents of real hosts, over TLS, on this address of this machine, with port 8443 if it has none; see docs/selfhosted.md")
	flags.BoolVar(&o.allowRemote, "allow-remote", false, "let --listen and --agents name an address that other machines can reach")
	addValues(flags, &o.allowHosts, "allow-host", "", "`NAME`: answer to this host name, too, such as the name of a container")
	flags.BoolVar(&o.tls, "tls", false, "serve HTTPS, with a certificate of the lab's own CA, which lab env exports")
	flags.StringVar(&o.data, "data", "", "`DIR`: store everything in this directory (default: muster/lab in the XDG state home)")
	flags.BoolVar(&o.ephemeral, "ephemeral", false, "store nothing")
	flags.BoolVar(&o.detach, "detach", false, "return when the lab answers calls, and leave it running in the background; see muster lab stop")
	flags.BoolVar(&o.detached, detachedFlag, false, "")
	_ = flags.MarkHidden(detachedFlag)
	o.regions.add(flags)
	o.account.add(flags)
	flags.BoolVar(&o.log, "log", false, "print each call on stderr, without its parameters; with -o json, as a line of JSON")
	cmd.AddCommand(newLabDumpCommand(a), newLabEnvCommand(a), newLabInstancesCommand(a), newLabFaultsCommand(a), newLabLogCommand(a),
		newLabResetCommand(a), newLabStatusCommand(a), newLabStopCommand(a), newLabWaitCommand(a))
	return cmd
}

func runLab(ctx context.Context, a *app, o *labOptions) (err error) {
	if a.lab.size > 0 {
		return usagef("--lab starts a lab that ends with a command: use --instances for the number of instances of this one")
	}
	if o.ephemeral && o.data != "" {
		return usagef("--ephemeral stores nothing: leave out --data")
	}
	if err := o.checkListen(); err != nil {
		return err
	}
	if err := o.checkAllowHosts(); err != nil {
		return err
	}
	if o.detach {
		return detachLab(ctx, a, o)
	}
	path, err := labConnectionPath()
	if err != nil {
		o.ephemeral, path = o.data == "", ""
		warnNoHome(a.printer, o, err)
	}
	options, err := o.fleet(ctx, a.reader)
	if err != nil {
		return err
	}
	if err := o.account.apply(&options); err != nil {
		return err
	}
	machine, err := openLab(a.printer, o, options)
	if errors.Is(err, lab.ErrKept) {
		flag := "--fleet"
		if a.lab.simulation != nil {
			flag = "--simulate"
		}
		return usagef("%s: %w; leave it out, or give another --data, or --ephemeral", flag, err)
	}
	if err != nil {
		return fmt.Errorf("create the lab: %w", err)
	}
	// The last thing that ends is the connection: muster lab stop waits for that.
	var connection lab.Connection
	defer func() {
		if path != "" && connection.Pid != 0 {
			err = errors.Join(err, lab.RemoveConnection(context.WithoutCancel(ctx), path, connection))
		}
	}()
	defer func() { err = errors.Join(err, machine.Close()) }()
	warnNoShell(a.printer, machine)
	server, err := lab.Start(context.WithoutCancel(ctx), machine, o.listen)
	if err != nil {
		machine.Abandon()
		return fmt.Errorf("start the lab: %w", err)
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	agents, err := o.serveAgents(ctx, a.printer, machine)
	if err != nil {
		machine.Abandon()
		return err
	}
	defer func() { err = errors.Join(err, agents.Close()) }()
	id, secret := machine.Key()
	connection = lab.Connection{Endpoint: server.Endpoint(), AccessKeyId: id, AccessKeySecret: secret, RegionId: machine.Region(), Pid: os.Getpid(), Data: machine.Data(),
		CAFile: server.CAFile(), CABundleFile: server.CABundleFile(), Agents: agents.Address(), AgentsCAFile: agents.CAFile()}
	if path != "" {
		if err := lab.WriteConnection(ctx, path, connection); err != nil {
			return err
		}
	}
	if !(assist.Endpoint{Host: server.Endpoint()}).Loopback() {
		warnRemote(a.printer, server.Endpoint(), o.tls)
	}
	document := &labDocument{Connection: connection, Instances: machine.Size(), Regions: machine.Regions(), NoProxy: noProxy(a.settings, connection.Endpoint), Found: path != ""}
	if o.detached {
		err = json.NewEncoder(a.streams.Out).Encode(detachedLab{document, document.Found})
	} else {
		err = a.print(document)
	}
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-machine.StopRequested():
	case <-machine.Failed(): // Close returns the error
	}
	noteFaults(a.printer, machine)
	return nil
}

// warnNoShell warns that scripts cannot run.
func warnNoShell(p *printer, machine *lab.Lab) {
	if machine.LacksShell() && !p.config.Quiet {
		p.note("warning: there is no sh in the PATH: the lab cannot run shell scripts, which end with ExecutionException; install sh or busybox, or use --simulate")
	}
}

// warnNoHome warns of what a lab lacks without a directory for the user's files.
func warnNoHome(p *printer, o *labOptions, err error) {
	if p.config.Quiet {
		return
	}
	without := "the profile lab does not find this lab: use the exports below"
	if o.ephemeral {
		without = "this lab stores nothing, and " + without
	}
	p.note("warning: %s: %s", p.explain(err), without)
}

// openLab opens the lab in its data directory, or an ephemeral one.
func openLab(p *printer, o *labOptions, options lab.Options) (_ *lab.Lab, err error) {
	lab.RemoveAbandoned()
	options.Version, options.FaultSeed, options.AllowRemote, options.Alone = version, p.lab.seedOf(p, options.Faults), o.allowRemote, true
	options.AllowHosts, options.TLS = o.allowHosts, o.tls
	if o.log {
		options.OnCall = reportCalls(p)
	}
	if o.ephemeral {
		return lab.New(options)
	}
	options.Data = o.data
	if o.data == "" {
		if options.Data, err = labDir(); err != nil {
			return nil, err
		}
	}
	return lab.New(options)
}

// labDocument describes how to reach a lab.
type labDocument struct {
	lab.Connection
	Instances int      // in all regions
	Regions   []string // that it serves, the first one first
	NoProxy   string   `json:",omitempty"` // see labEnvDocument
	Log       string   `json:",omitempty"` // with --detach

	Found bool `json:"-"` // the profile lab finds it
}

// Records returns the document.
func (d *labDocument) Records() iter.Seq2[any, error] { return render.Records([]*labDocument{d}) }

// Record returns an empty document.
func (d *labDocument) Record() any { return labDocument{} }

// WriteTable writes lines that a shell can read. Everything but the exports is a comment.
func (d *labDocument) WriteTable(w io.Writer, style render.Style) error {
	over := "over plain HTTP"
	if d.CAFile != "" {
		over = "over HTTPS"
	}
	reached := "# muster reaches it with -p lab: muster -p lab run --all -- uptime\n# other clients of the API (" + over + ") need:\n"
	if !d.Found {
		reached = "# muster and other clients of the API (" + over + ") need:\n"
	}
	stop := "Ctrl-C stops it"
	if d.Log != "" {
		stop = "muster lab stop stops it; its log is " + term.SanitizeLine(d.Log) // a second line would be a command of the shell
	}
	agents := ""
	if d.Agents != "" {
		agents = fmt.Sprintf("# agents of real hosts reach it at %s, with the certificate of %s; see muster activation create\n",
			term.SanitizeLine(d.Agents), term.SanitizeLine(d.AgentsCAFile))
	}
	_, err := fmt.Fprintf(w, "# a lab of %s in %s listens on %s; %s\n%s%s", plural(d.Instances, "instance"), strings.Join(d.Regions, ", "), d.URL(), stop, agents, reached)
	return errors.Join(err, (&labEnvDocument{d.Connection, d.NoProxy}).WriteTable(w, style))
}
