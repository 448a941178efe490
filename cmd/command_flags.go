package cmd

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"muster/pkg/assist"
)

// commandFlags are the API's parameters that RunCommand and InvokeCommand have in common.
type commandFlags struct {
	params              []string
	paramsFiles         []string
	secretParams        []string
	repeatMode          string
	frequency           string
	timed               bool
	enableParameter     bool
	clientToken         string
	serverSideTags      bool
	preview             bool
	workingDir          string
	timeout             seconds
	username            string
	windowsPasswordName string
	containerID         string
	containerName       string
	terminationMode     string
	launcher            string
	ossOutputDelivery   string
	resourceGroupID     string
	taskTags            []string
}

func (f *commandFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.params, "param", "P", nil, "the value of a custom parameter, `key=value`, for {{key}} in the script; key=@FILE and key=env:NAME read it from there")
	flags.StringArrayVar(&f.paramsFiles, "params-file", nil, "a JSON or YAML `file` of custom parameters")
	flags.StringArrayVar(&f.secretParams, "secret-param", nil, "the value of a custom parameter that is never shown nor kept: `key`=env:NAME, key=@FILE, key to be asked for it, or key=value, which the shell's history and the list of processes show")
	flags.BoolVar(&f.enableParameter, "enable-parameter", false, "fill in {{…}}; implied by parameters, and by a built-in one such as {{ACS::InstanceId}} in the script")
	flags.StringVar(&f.repeatMode, "repeat", "", "`when`: Once, Period (with --frequency), NextRebootOnly, EveryReboot, or DryRun to have it checked only")
	flags.StringVar(&f.frequency, "frequency", "", "run it again and again: rate(5m), at(2027-06-06 13:15:30 Asia/Shanghai), or a cron `expression`; see muster schedule")
	flags.BoolVar(&f.timed, "timed", false, "obsolete, and without effect in the service: use --frequency")
	flags.StringVar(&f.clientToken, "client-token", "", "the call's idempotency `token`, for a run of one call; muster makes its own otherwise")
	flags.BoolVar(&f.serverSideTags, "server-side-tags", false, "let the service find the instances of --tag key=value, in one call")
	flags.BoolVar(&f.preview, "preview", false, "show the requests and what the first instances would run, and send nothing")
	flags.StringVar(&f.workingDir, "working-dir", "", "the `directory` to run in; the user's home by default")
	flags.Var(&f.timeout, "timeout", "how long the script may run on an instance, in seconds or as 10m; 60s by default")
	flags.StringVarP(&f.username, "username", "u", "", "the `user` to run as on the instances; root or System by default")
	flags.StringVar(&f.windowsPasswordName, "windows-password-name", "", "the `name` of that user's password in the parameter store")
	flags.StringVar(&f.containerID, "container-id", "", "run in this container of each instance")
	flags.StringVar(&f.containerName, "container-name", "", "run in this container of each instance")
	flags.StringVar(&f.terminationMode, "termination-mode", "", "what a stop or time-out ends: Process or ProcessTree")
	flags.StringVar(&f.launcher, "launcher", "", "what starts the script, such as 'python3 -u {{ACS::ScriptFileName|Ext(\".py\")}}'")
	flags.StringVar(&f.ossOutputDelivery, "oss-output-delivery", "", "deliver whole outputs to `oss://bucket/prefix`")
	flags.StringVar(&f.resourceGroupID, "resource-group-id", "", "the resource `group` of the command")
	flags.StringArrayVar(&f.taskTags, "task-tag", nil, "a label `key=value` on the task")
}

// seconds is a time that is given as seconds or as a duration.
type seconds int64

func (s *seconds) String() string {
	if *s == 0 {
		return ""
	}
	return (time.Duration(*s) * time.Second).String()
}

func (s *seconds) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		d, derr := time.ParseDuration(text)
		if derr != nil || d%time.Second != 0 {
			return usagef("want seconds, or a duration such as 10m")
		}
		n = int64(d / time.Second)
	}
	if n < 1 {
		return usagef("want at least one second")
	}
	*s = seconds(n)
	return nil
}

func (s *seconds) Type() string { return "duration" }

// commandValues are the flags that have to be read before they are a request's.
type commandValues struct {
	parameters         assist.JSONMap
	tags, resourceTags []assist.Tag
}

func (f *commandFlags) values(ctx context.Context, a *app, selection *selection) (*commandValues, error) {
	v := new(commandValues)
	var err error
	if v.parameters, err = f.parameters(ctx, a); err != nil {
		return nil, err
	}
	if v.tags, err = taskTags(f.taskTags); err != nil {
		return nil, err
	}
	v.resourceTags, err = f.resourceTags(selection)
	return v, err
}

// taskTags reads the values of --task-tag.
func taskTags(texts []string) ([]assist.Tag, error) {
	var tags []assist.Tag
	for _, text := range texts {
		key, value, _ := strings.Cut(text, "=")
		if key == "" {
			return nil, usagef("--task-tag %q: want key=value", text)
		}
		tags = append(tags, assist.Tag{Key: key, Value: value})
	}
	return tags, nil
}

func (f *commandFlags) timedParameter() *bool {
	if !f.timed {
		return nil
	}
	return &f.timed
}

// rollout reads the flags of a roll-out, as far as they mean something for the command.
func (f *commandFlags) rollout(a *app, flags *rolloutFlags) (rollout, error) {
	if err := flags.onlyWaits(f.settlesByItself()); err != nil {
		return rollout{}, err
	}
	if f.preview && flags.files.follow {
		return rollout{}, usagef("--follow is for scripts that run, and --preview sends nothing")
	}
	return flags.read(a)
}

// resourceTags are the selectors as the service takes them. Only tags with their values can be left to it.
func (f *commandFlags) resourceTags(s *selection) ([]assist.Tag, error) {
	if !f.serverSideTags {
		return nil, nil
	}
	tags, only := s.Tags()
	if !only {
		return nil, usagef("--server-side-tags goes with -t key=value alone, once or more often: the service finds the instances by their tags")
	}
	return tags, nil
}
