package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/lab"
	"muster/pkg/render"
	"muster/pkg/target"
)

// labVerb is an action on an instance of the lab.
type labVerb struct {
	name  string
	short string
	power bool // for ECS instances only
	ask   func(region, id string) (assist.Request, any)
}

func labVerbs() []labVerb {
	online := func(online bool) func(region, id string) (assist.Request, any) {
		return func(region, id string) (assist.Request, any) {
			return &lab.SetInstanceOnlineRequest{RegionId: region, InstanceId: id, Online: &online}, new(lab.SetInstanceOnlineResponse)
		}
	}
	return []labVerb{
		{"start", "Start stopped instances of the lab", true, func(region, id string) (assist.Request, any) {
			return &assist.StartInstanceRequest{RegionId: region, InstanceId: id}, new(assist.StartInstanceResponse)
		}},
		{"stop", "Stop running instances of the lab, which interrupts their scripts", true, func(region, id string) (assist.Request, any) {
			return &assist.StopInstanceRequest{RegionId: region, InstanceId: id}, new(assist.StopInstanceResponse)
		}},
		{"reboot", "Reboot running instances of the lab, which interrupts their scripts", true, func(region, id string) (assist.Request, any) {
			return &assist.RebootInstanceRequest{RegionId: region, InstanceId: id}, new(assist.RebootInstanceResponse)
		}},
		{"offline", "Take the agents of instances of the lab offline", false, online(false)},
		{"online", "Bring the agents of instances of the lab online, and deliver what has been waiting", false, online(true)},
	}
}

func newLabInstancesCommand(a *app) *cobra.Command {
	choice := new(labChoice)
	cmd := &cobra.Command{
		Annotations: map[string]string{namesInstances: "yes"},
		Use:         "instances [flags]",
		Short:       "List, start, stop or disconnect the instances of the lab",
		Long: `List the instances of the running lab with the state of their agents; or start, stop or reboot some of
them, or take their agents offline and online. Managed instances (mi-...) can only be taken offline or brought online.`,
		Example: `  muster lab instances
  muster lab instances stop i-lab00001 i-lab00002
  muster lab instances offline 'lab-*'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			hint := ""
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = "; did you mean " + joinOr(near) + "?"
			}
			return fmt.Errorf("unknown action %q: want %s%s", args[0], joinOr(labVerbNames()), hint)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.useLabSites(cmd.Context(), choice, func(all sites) error {
				if err := listLabInstances(cmd.Context(), a.finder, all); err != nil {
					return err
				}
				return noteAgents(cmd.Context(), a.printer, all[0])
			})
		},
	}
	choice.add(cmd.Flags())
	cmd.SuggestionsMinimumDistance = 2
	for _, verb := range labVerbs() {
		cmd.AddCommand(newLabVerbCommand(a, verb))
	}
	return cmd
}

// listLabInstances lists the lab's ECS instances, then its managed ones.
func listLabInstances(ctx context.Context, fd *finder, all sites) error {
	resolver := fd.resolver(all)
	resolver.Records, resolver.Agents = true, true
	var records []*target.Record
	for _, selector := range []target.Selector{{All: true}, {Managed: true}} {
		found, err := resolver.Resolve(ctx, selector)
		if err != nil {
			return err
		}
		for i := range found.Instances {
			records = append(records, found.Instances[i].Record)
		}
	}
	return fd.print(render.NewInstances(records))
}

func labVerbNames() []string {
	var names []string
	for _, verb := range labVerbs() {
		names = append(names, verb.name)
	}
	return names
}

func newLabVerbCommand(a *app, verb labVerb) *cobra.Command {
	choice := new(labChoice)
	cmd := &cobra.Command{
		Use:     verb.name + " [flags] INSTANCE...",
		Short:   verb.short,
		Example: "  muster lab instances " + verb.name + " i-lab00001 'lab-[002-003]'",
		Args: func(_ *cobra.Command, args []string) error {
			if strings.Join(args, "") == "" {
				return fmt.Errorf("%s needs ids or names of instances: muster lab instances lists them", verb.name)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runLabVerb(cmd.Context(), a, verb, choice, args) },
	}
	choice.add(cmd.Flags())
	return cmd
}

func runLabVerb(ctx context.Context, a *app, verb labVerb, choice *labChoice, args []string) error {
	var selector target.Selector
	for _, text := range args {
		if err := selector.Add("instance", target.Words{Text: text, From: verb.name}); err != nil {
			return err
		}
	}
	return a.useLabSites(ctx, choice, func(all sites) error {
		found, err := a.resolver(all).Resolve(ctx, selector)
		if err == nil {
			err = found.Err()
		}
		if err != nil {
			return err
		}
		for _, id := range found.IDs() {
			if verb.power && lab.ManagedID(id) {
				return usagef("%s %s: a managed instance can only be taken offline or brought online", verb.name, id)
			}
		}
		done := &labVerbDocument{Verb: verb.name, InstanceIds: []string{}}
		for _, it := range found.Instances {
			s, id := all[it.Place], it.InstanceId
			request, response := verb.ask(s.region, id)
			if err := s.caller.Call(ctx, request, response); err != nil {
				return errors.Join(printDone(a.printer, done), fmt.Errorf("%s %s: %w", verb.name, id, err))
			}
			done.InstanceIds = append(done.InstanceIds, id)
		}
		return a.print(done)
	})
}

// printDone reports the instances before a refused one.
func printDone(p *printer, done *labVerbDocument) error {
	if len(done.InstanceIds) == 0 {
		return nil
	}
	return p.print(done)
}

// labVerbDocument reports what was done to which instances.
type labVerbDocument struct {
	Verb        string
	InstanceIds []string
}

// labVerbRecord reports what was done to one instance.
type labVerbRecord struct{ Verb, InstanceId string }

// Records returns the ids of the instances.
func (d *labVerbDocument) Records() iter.Seq2[any, error] {
	var all []labVerbRecord
	for _, id := range d.InstanceIds {
		all = append(all, labVerbRecord{d.Verb, id})
	}
	return render.Records(all)
}

// Record returns an empty record.
func (d *labVerbDocument) Record() any { return labVerbRecord{} }

// WriteTable writes a line for each instance.
func (d *labVerbDocument) WriteTable(w io.Writer, _ render.Style) error {
	return writeEach(w, d.Verb, d.InstanceIds)
}
