package cmd

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/render"
)

func newCommandsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "commands",
		Short: "List and manage saved commands",
		Long:  `List and manage the commands that are saved in the region, and list the public ones.`,
		Example: `  muster commands list
  muster commands create restart-nginx -f restart.sh
  muster commands show restart-nginx
  muster commands list --provider AlibabaCloud`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCommandsListCommand(a), newCommandsShowCommand(a), newCommandsCreateCommand(a), newCommandsEditCommand(a), newCommandsDeleteCommand(a))
	return cmd
}

func newCommandsListCommand(a *app) *cobra.Command {
	request := new(assist.DescribeCommandsRequest)
	var tags []string
	var latest bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List saved commands, or public ones with --provider",
		Example: `  muster commands list
  muster commands list --name 'restart*' -o json | jq -r '.Commands[].CommandId'
  muster commands list --provider AlibabaCloud --latest`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r := *request
			if cmd.Flags().Changed("latest") {
				r.Latest = &latest
			}
			labels := commandFlags{taskTags: tags}
			var err error
			if r.Tag, err = labels.tags(); err != nil {
				return err
			}
			return a.use(cmd.Context(), func(s *session) error {
				list, err := listCommands(cmd.Context(), a, s, r)
				if err != nil {
					return err
				}
				return a.print(render.NewCommands(list))
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&request.Name, "name", "", "those with this `name`, * for anything at either end")
	flags.StringVar(&request.Description, "description", "", "those with this `text` in their description, * for anything at either end")
	flags.StringVar(&request.Type, "type", "", "those of a `type`: RunShellScript, RunBatScript or RunPowerShellScript")
	flags.StringVar(&request.Provider, "provider", "", "public ones: AlibabaCloud for all, or one `provider`")
	flags.BoolVar(&latest, "latest", false, "of public ones, the latest versions only")
	flags.StringVar(&request.ResourceGroupId, "resource-group-id", "", "those of a resource `group`")
	flags.StringArrayVar(&tags, "task-tag", nil, "those with a label `key=value`")
	return cmd
}

func listCommands(ctx context.Context, a *app, s *session, r assist.DescribeCommandsRequest) ([]assist.Command, error) {
	r.RegionId, r.ContentEncoding = s.region, assist.PlainText
	r.MaxResults = int64(a.config.PageSize)
	var list []assist.Command
	for command, err := range s.client.AllCommands(ctx, r) {
		if err != nil {
			return nil, fmt.Errorf("list commands: %w", err)
		}
		list = append(list, command)
	}
	return list, nil
}

// oneCommand takes the id or the name of a saved command.
func oneCommand(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the id or the name of one saved command, not %d arguments", len(args))
	}
	return nil
}

func newCommandsShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show COMMAND",
		Short: "Print a saved command, with its content",
		Example: `  muster commands show restart-nginx
  muster commands show c-7d2a745b412b4601b2d47f6a768d -o json | jq -r .Commands[0].CommandContent`,
		Args: oneCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.use(cmd.Context(), func(s *session) error {
				saved, err := findCommand(cmd.Context(), a, s, args[0])
				if err != nil {
					return err
				}
				return a.print(&render.Command{Commands: render.NewCommands([]assist.Command{*saved}).Commands})
			})
		},
	}
}

// savedFlags are what can be said of a saved command beside its content.
type savedFlags struct {
	name        string
	description string
	workingDir  string
	timeout     seconds
	launcher    string
}

func (f *savedFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.description, "description", "", "what it is for, at most 512 characters")
	flags.StringVar(&f.workingDir, "working-dir", "", "the `directory` to run in; the user's home by default")
	flags.Var(&f.timeout, "timeout", "how long it may run on an instance, in seconds or as 10m; 60s by default")
	flags.StringVar(&f.launcher, "launcher", "", "what starts the script, such as 'python3 -u {{ACS::ScriptFileName|Ext(\".py\")}}'")
}

func newCommandsCreateCommand(a *app) *cobra.Command {
	var (
		f                               savedFlags
		file, scriptType, resourceGroup string
		clientToken                     string
		enableParameter                 bool
		tags                            []string
	)
	cmd := &cobra.Command{
		Use:   "create [flags] NAME -- script",
		Short: "Save a command, to be invoked by its name or id",
		Long: `Save a command. Its script comes after --, from a file, or from stdin, as that of muster run does. Parameters are
enabled by themselves when there is a {{name}} in it; --enable-parameter=false saves such a script as it is.`,
		Example: `  muster commands create restart-nginx -f restart.sh --timeout 2m
  muster commands create greet -- 'echo hello {{who}}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			name, rest, err := nameBeforeScript(cmd, args)
			if err != nil {
				return err
			}
			script, err := a.readScriptWords(cmd.CommandPath(), nil, rest, file)
			if err != nil {
				return err
			}
			commandType, err := script.commandType(scriptType)
			if err != nil {
				return err
			}
			labels := commandFlags{taskTags: tags}
			labelled, err := labels.tags()
			if err != nil {
				return err
			}
			content := string(script.content)
			if !cmd.Flags().Changed("enable-parameter") {
				enableParameter = len(assist.ParameterNames(content)) > 0 || assist.HasBuiltin(content)
			}
			request := &assist.CreateCommandRequest{
				Name: name, Description: f.description, Type: commandType, ContentEncoding: assist.Base64,
				CommandContent: assist.EncodeContent(script.content, assist.Base64), WorkingDir: f.workingDir,
				Timeout: int64(f.timeout), EnableParameter: enableParameter, Launcher: f.launcher, Tag: labelled,
				ResourceGroupId: resourceGroup, ClientToken: cmp.Or(clientToken, newRunID(time.Now())),
			}
			return a.use(cmd.Context(), func(s *session) error {
				request.RegionId = s.region
				if err := request.Validate(); err != nil {
					return err
				}
				answer, err := s.client.CreateCommand(cmd.Context(), request)
				if err != nil {
					return err
				}
				return a.print(&doneDocument{Done: "created", CommandId: answer.CommandId})
			})
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&file, "file", "f", "", "the `file` that holds the script; - is stdin")
	flags.StringVar(&scriptType, "type", "", "the script's language: sh, bat or powershell; by the file's ending otherwise")
	flags.BoolVar(&enableParameter, "enable-parameter", false, "fill in {{name}} when it is invoked; true by itself when there is one")
	flags.StringVar(&resourceGroup, "resource-group-id", "", "the resource `group` of the command")
	flags.StringVar(&clientToken, "client-token", "", "the call's idempotency `token`; muster makes its own otherwise")
	flags.StringArrayVar(&tags, "task-tag", nil, "a label `key=value` on the command")
	return cmd
}

// nameBeforeScript cuts the name off the words of the script.
func nameBeforeScript(cmd *cobra.Command, args []string) (name string, script []string, err error) {
	dash := cmd.ArgsLenAtDash()
	if dash < 0 {
		dash = len(args)
	}
	if dash != 1 {
		return "", nil, usagef("want the command's name, then its script after -- or with -f FILE")
	}
	return args[0], args[1:], nil
}

func newCommandsEditCommand(a *app) *cobra.Command {
	var f savedFlags
	cmd := &cobra.Command{
		Use:   "edit [flags] COMMAND",
		Short: "Change a saved command's name, description, directory, timeout or launcher",
		Long:  `Change what is said of a saved command. The service cannot change its content: delete it, and create it again.`,
		Example: `  muster commands edit restart-nginx --timeout 5m
  muster commands edit restart-nginx --name restart-web`,
		Args: oneCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			request := &assist.ModifyCommandRequest{
				Name: f.name, Description: f.description, WorkingDir: f.workingDir, Timeout: int64(f.timeout), Launcher: f.launcher,
			}
			if *request == (assist.ModifyCommandRequest{}) {
				return usagef("nothing to change: give --name, --description, --working-dir, --timeout or --launcher")
			}
			return a.use(cmd.Context(), func(s *session) error {
				saved, err := findCommand(cmd.Context(), a, s, args[0])
				if err != nil {
					return err
				}
				request.RegionId, request.CommandId = s.region, saved.CommandId
				if err := request.Validate(); err != nil {
					return err
				}
				if _, err := s.client.ModifyCommand(cmd.Context(), request); err != nil {
					return err
				}
				return a.print(&doneDocument{Done: "changed", CommandId: saved.CommandId})
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.name, "name", "", "a new name, at most 128 characters")
	return cmd
}

func newCommandsDeleteCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "delete COMMAND",
		Short:   "Delete a saved command",
		Long:    `Delete a saved command. The service refuses that while it is being executed.`,
		Example: `  muster commands delete restart-nginx`,
		Args:    oneCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.use(cmd.Context(), func(s *session) error {
				saved, err := findCommand(cmd.Context(), a, s, args[0])
				if err != nil {
					return err
				}
				request := &assist.DeleteCommandRequest{RegionId: s.region, CommandId: saved.CommandId}
				if _, err := s.client.DeleteCommand(cmd.Context(), request); err != nil {
					return err
				}
				return a.print(&doneDocument{Done: "deleted", CommandId: saved.CommandId})
			})
		},
	}
}
