package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
)

// sendOptions are what `muster send` was told.
type sendOptions struct {
	targets         targetFlags
	wait            waitFlags
	rollout         rolloutFlags
	dir             string
	name            string
	owner           string
	group           string
	mode            string
	overwrite       bool
	description     string
	timeout         seconds
	resourceGroupID string
	clientToken     string
	tags            []string
}

func newSendCommand(a *app) *cobra.Command {
	o := new(sendOptions)
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "send [flags] FILE... --to DIR",
		Short:       "Put files on instances and wait for every one of them",
		Long: `Put files of at most 32 KB in Base64 on instances, in calls of at most 50, and wait until every one of them has come to
an end. The directory is made where it is missing; a file that is there already is kept without --overwrite.`,
		Example: `  muster send app.conf --to /etc/app --mode 0640 --owner app -t env=prod
  muster send a.conf b.conf --to /etc/app --overwrite -i i-bp185dy2o3o6neg
  render-config | muster send - --name app.conf --to /etc/app --all`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("no file: give one or more, or - for stdin with --name")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runSend(cmd.Context(), a, o, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.dir, "to", "", "the `directory` on the instances")
	flags.StringVar(&o.name, "name", "", "the file's `name` on the instances; its own by default")
	flags.StringVar(&o.owner, "owner", "", "the `user` who owns it; root by default")
	flags.StringVar(&o.group, "group", "", "the `group` that owns it; root by default")
	flags.StringVar(&o.mode, "mode", "", "its `permissions`, octal; 0644 by default")
	flags.BoolVar(&o.overwrite, "overwrite", false, "replace a file that is there already")
	flags.StringVar(&o.description, "description", "", "what it is for, at most 512 characters")
	flags.Var(&o.timeout, "timeout", "how long the delivery may take, in seconds or as 2m; 60s by default, and at least 10s")
	flags.StringVar(&o.resourceGroupID, "resource-group-id", "", "the resource `group` of the task")
	flags.StringVar(&o.clientToken, "client-token", "", "the call's idempotency `token`, for one file in one call; muster makes its own otherwise")
	flags.StringArrayVar(&o.tags, "task-tag", nil, "a label `key=value` on the task")
	o.targets.add(flags)
	o.rollout.add(flags)
	o.wait.add(flags)
	alias(flags, map[string]string{
		"instance-id": "instance", "target-dir": "to", "file-owner": "owner", "file-group": "group", "file-mode": "mode",
	})
	return cmd
}

func runSend(ctx context.Context, a *app, o *sendOptions, files []string) error {
	requests, err := o.requests(ctx, a, files)
	if err != nil {
		return err
	}
	selection, err := o.targets.selection(ctx, a, files[0] == "-")
	if err != nil {
		return err
	}
	rules, err := o.rollout.read(a)
	if err != nil {
		return err
	}
	for _, request := range requests {
		trial := *request
		trial.RegionId, trial.InstanceId = labRegion, []string{"i-0"}
		if err := trial.Validate(a.limits()); err != nil {
			return fmt.Errorf("%s: %w", request.Name, err)
		}
	}
	ctx, cancel := o.wait.context(ctx)
	defer cancel()
	all, err := a.connectSites(ctx, o.targets.allRegions)
	if err != nil {
		return err
	}
	return a.useSites(ctx, all, func(all sites) error {
		who, err := selection.resolve(ctx, a, all, "", assist.AgentUse{File: true})
		if err != nil {
			return err
		}
		return a.sendAll(ctx, all, requests, who, rules, o.clientToken)
	})
}

// requests reads the files. Nothing has been called yet.
func (o *sendOptions) requests(ctx context.Context, a *app, files []string) ([]*assist.SendFileRequest, error) {
	switch {
	case o.dir == "":
		return nil, usagef("no directory: give the one on the instances with --to DIR")
	case o.name != "" && len(files) > 1:
		return nil, usagef("--name is for one file, not for %d", len(files))
	case o.clientToken != "" && len(files) > 1:
		return nil, usagef("--client-token is for one file, not for %d", len(files))
	}
	tags, err := taskTags(o.tags)
	if err != nil {
		return nil, err
	}
	var requests []*assist.SendFileRequest
	for _, file := range files {
		if file == "-" && (o.name == "" || len(files) > 1) {
			return nil, usagef("stdin is one file, and needs a --name")
		}
		content, err := a.readAll(ctx, file)
		if err != nil {
			return nil, err
		}
		if len(content) == 0 {
			return nil, usagef("%s is empty, and the service takes no empty file", file)
		}
		if size := assist.Base64Size(content); size > assist.MaxFileContent {
			return nil, usagef("%s is too long: %d bytes in Base64, at most %d", file, size, assist.MaxFileContent)
		}
		requests = append(requests, &assist.SendFileRequest{
			Name: cmp.Or(o.name, filepath.Base(file)), TargetDir: o.dir, Content: assist.EncodeContent(content, assist.Base64),
			ContentType: assist.Base64, FileOwner: o.owner, FileGroup: o.group, FileMode: o.mode, Overwrite: o.overwrite,
			Description: o.description, Timeout: int64(o.timeout), ResourceGroupId: o.resourceGroupID, Tag: tags,
		})
	}
	return requests, nil
}

// sendAll sends file after file to the same instances, and reports them together. After one that did not settle, nothing
// more is sent.
func (a *app) sendAll(ctx context.Context, all sites, requests []*assist.SendFileRequest, who *chosen, rules rollout, token string) error {
	document := &sentDocument{Files: []sentFile{}}
	var worst, printErr error
	for _, request := range requests {
		size := min(a.config.RunBatch, assist.MaxSendFileInstances)
		plan := fleet.NewPlan(newRunID(time.Now()), fleet.Command{Send: request}, who.targets, who.skipped, rules.cut(size))
		rules.rule(&plan)
		if token != "" {
			if err := oneCall(&plan, token); err != nil {
				return err
			}
		}
		l := &launch{runID: plan.RunId, rollout: rules, title: request.Name + " to " + request.TargetDir}
		var end watched
		err := a.withJournal(ctx, all, l, plan, func(w wait) error {
			w.do = func(ctx context.Context, engine *fleet.Engine) (*fleet.State, error) { return engine.Run(ctx, plan) }
			end = a.follow(ctx, w)
			if end.err != nil || end.chosen != goOn {
				a.lastWords(w, end.state)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if end.err != nil && len(end.state.Invocations) == 0 {
			return end.err
		}
		a.advise(end.state)
		document.Files = append(document.Files, sentFile{request.Name, request.TargetDir, render.NewRun(end.state, nil, all.calls())})
		if outcome := end.outcome(); outcome != nil {
			worst = outcome
		}
		printErr = cmp.Or(printErr, end.unsaid)
		if end.err != nil || end.chosen != goOn || end.state.Gate != "" {
			break
		}
	}
	if a.config.Output != string(render.NDJSON) {
		printErr = a.print(document)
	}
	if printErr != nil {
		return a.unreported(wait{}, nil, printErr, worst)
	}
	return worst
}

// sentDocument is how files arrived.
type sentDocument struct {
	Files []sentFile
}

type sentFile struct {
	Name      string
	TargetDir string
	*render.Run
}

// sentShape has the keys of a sentDocument.
type sentShape struct{ Files []sentFileShape }

// sentFileShape has the keys of a sentFile.
type sentFileShape struct {
	Name      string
	TargetDir string
	render.RunShape
}

// Shape returns a sentShape.
func (d *sentDocument) Shape() any { return sentShape{} }

// Parts are the document's, with the files as its list.
func (d *sentDocument) Parts() render.Parts {
	return render.Parts{Name: "Files", List: render.Records(d.Files)}
}

// Parts are the run's behind the file's name.
func (f sentFile) Parts() render.Parts {
	parts := f.Run.Parts()
	parts.Before = append([]any{struct{ Name, TargetDir string }{f.Name, f.TargetDir}}, parts.Before...)
	return parts
}

// Suites are the runs.
func (d *sentDocument) Suites() []*render.Run {
	var runs []*render.Run
	for _, file := range d.Files {
		runs = append(runs, file.Run)
	}
	return runs
}

// InstanceNames returns what the instances of each file are shown as.
func (d *sentDocument) InstanceNames() []string {
	var names []string
	for _, file := range d.Files {
		names = append(names, file.InstanceNames()...)
	}
	return names
}

// Records are the files.
func (d *sentDocument) Records() iter.Seq2[any, error] { return render.Records(d.Files) }

// Record returns a file without values.
func (d *sentDocument) Record() any { return sentFile{} }

// WriteTable writes each file's name and how it arrived.
func (d *sentDocument) WriteTable(w io.Writer, style render.Style) error {
	for i, file := range d.Files {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(w, style.Paint.Bold(filepath.ToSlash(filepath.Join(file.TargetDir, file.Name)))); err != nil {
			return err
		}
		if err := file.WriteTable(w, style); err != nil {
			return err
		}
	}
	return nil
}
