package cmd

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/render"
	"muster/pkg/term"
)

func newManagedRenameCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "rename INSTANCE NAME",
		Aliases: []string{"modify", "edit"},
		Short:   "Rename a managed instance",
		Long: `Rename a managed instance. INSTANCE is its id, or its name if no other managed instance has it. NAME has 2 to 128
characters: letters, digits and . _ - : with a letter first.`,
		Example: `  muster managed rename mi-hz018jrc1o0fqjk3r5c factory-001`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.use(cmd.Context(), func(s *session) error {
				request := &assist.ModifyManagedInstanceRequest{RegionId: s.region, InstanceId: args[0], InstanceName: args[1]}
				if err := request.Validate(); err != nil {
					return err
				}
				record, err := findManaged(cmd.Context(), a.finder, s, args[0])
				if err != nil {
					return err
				}
				request.InstanceId = record.InstanceId
				if _, err := s.client.ModifyManagedInstance(cmd.Context(), request); err != nil {
					return err
				}
				return a.print(&managedDocument{Done: doneRenamed, Instances: []managedInstance{{record.InstanceId, args[1]}}})
			})
		},
	}
}

func newManagedRemoveCommand(a *app) *cobra.Command {
	var yes yesFlag
	cmd := &cobra.Command{
		Use:     "remove [flags] INSTANCE...",
		Aliases: []string{"rm", "delete", "deregister"},
		Short:   "Remove managed instances, which ends what runs on them",
		Long: `Remove managed instances from the account. INSTANCE is an id, a name, a glob such as 'web-*' or a set such as
'web-[001-004]'. What is running on them ends, and they can no longer be used until their agents are registered again; they get new
ids then. The agent stays on the host: aliyun-service --deregister there removes both.

This cannot be undone, so it asks first; --yes answers yes.`,
		Example: `  muster managed remove factory-001
  muster managed remove --yes mi-hz018jrc1o0fqjk3r5c`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.use(cmd.Context(), func(s *session) error { return removeManaged(cmd, a, s, args, &yes) })
		},
	}
	yes.add(cmd.Flags())
	return cmd
}

func removeManaged(cmd *cobra.Command, a *app, s *session, words []string, yes *yesFlag) error {
	records, err := findAllManaged(cmd.Context(), a.finder, s, words)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("remove %s?", plural(len(records), "managed instance"))
	if len(records) == 1 {
		question = fmt.Sprintf("remove %s (%s)?", records[0].InstanceId, term.Sanitize(records[0].InstanceName))
	}
	if err := yes.confirm(cmd.Context(), a.reader, question); err != nil {
		return err
	}
	document := &managedDocument{Done: doneRemoved, Instances: []managedInstance{}}
	for _, record := range records {
		request := &assist.DeregisterManagedInstanceRequest{RegionId: s.region, InstanceId: record.InstanceId, ClientToken: newRunID(time.Now())}
		if _, err = s.client.DeregisterManagedInstance(cmd.Context(), request); err != nil {
			err = fmt.Errorf("remove %s: %w", record.InstanceId, err)
			break
		}
		document.Instances = append(document.Instances, managedInstance{record.InstanceId, record.InstanceName})
	}
	if err != nil && len(document.Instances) == 0 {
		return err
	}
	return errors.Join(a.print(document), err)
}

// Changes of managed instances.
const (
	doneRenamed = "renamed"
	doneRemoved = "removed"
)

// managedDocument is a change to managed instances.
type managedDocument struct {
	Done      string
	Instances []managedInstance
}

// managedInstance is a changed instance, with its name after the change.
type managedInstance struct{ InstanceId, InstanceName string }

// managedRecord is a change to one managed instance.
type managedRecord struct{ Done, InstanceId, InstanceName string }

// Records returns a record for each instance.
func (d *managedDocument) Records() iter.Seq2[any, error] {
	var all []managedRecord
	for _, it := range d.Instances {
		all = append(all, managedRecord{d.Done, it.InstanceId, it.InstanceName})
	}
	return render.Records(all)
}

// Record returns an empty record.
func (d *managedDocument) Record() any { return managedRecord{} }

// WriteTable writes a line for each instance.
func (d *managedDocument) WriteTable(w io.Writer, _ render.Style) error {
	for _, it := range d.Instances {
		if _, err := fmt.Fprintln(w, d.Done, term.Sanitize(it.InstanceId), term.Sanitize(it.InstanceName)); err != nil {
			return err
		}
	}
	return nil
}
