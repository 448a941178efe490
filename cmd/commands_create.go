package cmd

import (
	"cmp"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
)

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
		f                          savedFlags
		source                     scriptFlags
		resourceGroup, clientToken string
		enableParameter            bool
		tags                       []string
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
			script, err := a.readScriptWords(cmd.Context(), cmd.CommandPath(), nil, rest, source)
			if err != nil {
				return err
			}
			commandType, err := script.commandType(source.kind)
			if err != nil {
				return err
			}
			labelled, err := taskTags(tags)
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
				return a.print(&doneDocument{Done: doneCreated, CommandId: answer.CommandId})
			})
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	source.add(flags)
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
