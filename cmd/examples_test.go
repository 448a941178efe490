//go:build unix

package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab"
	"muster/pkg/term"
)

// startedLab starts a lab in this process, and returns its endpoint. It ends with the test.
func startedLab(t *testing.T, instances int) (machine *lab.Lab, endpoint string) {
	t.Helper()
	machine, err := lab.New(lab.Options{Region: labRegion, Instances: lab.NumberedInstances(instances), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server, err := lab.Start(t.Context(), machine, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), machine.Close()); err != nil {
			t.Error(err)
		}
	})
	return machine, server.Endpoint()
}

// testLab is a running lab with its key and the variables that muster needs to reach it.
func testLab(t *testing.T, instances int) (env []string, id, secret string) {
	t.Helper()
	machine, endpoint := startedLab(t, instances)
	id, secret = machine.Key()
	return []string{"MUSTER_ENDPOINT=" + endpoint, "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true"}, id, secret
}

// untried are the examples that the test does not run, with the reasons.
func untried() map[string]string {
	const managedHosts = "is about a host or an activation that the lab does not have: see the scripts managed and activation"
	const (
		serves = "serves until it is ended"
		shells = "changes what a shell completes for its user"
	)
	return map[string]string{
		"muster lab --instances 20":                   serves,
		"muster lab --fleet fleet.yaml":               serves,
		"muster lab --regions cn-hangzhou,cn-beijing": serves,
		"muster lab log --follow":                     serves,
		"muster lab --ephemeral --fault 'RunCommand=Throttling*3' --fault task=DeliveryTimeout": serves,
		`muster completion zsh > "${fpath[1]}/_muster"`:                                         shells,
		"muster completion fish > ~/.config/fish/completions/muster.fish":                       shells,
		"muster runs report last -o - | ssh web 'cat > /srv/reports/last.html'":                 "wants a machine called web",
		"muster managed show factory-001":                                                       managedHosts,
		"muster managed show mi-hz018jrc1o0fqjk3r5c -o json":                                    managedHosts,
		"muster managed rename mi-hz018jrc1o0fqjk3r5c factory-001":                              managedHosts,
		"muster managed remove factory-001":                                                     managedHosts,
		"muster managed remove --yes mi-hz018jrc1o0fqjk3r5c":                                    managedHosts,
		"muster activation disable 4ECEEE12-56F1-4FBC-9AB1-890F74942176":                        managedHosts,
		"muster activation delete 4ECEEE12-56F1-4FBC-9AB1-890F74942176":                         managedHosts,
		"muster completion powershell | Out-String | Invoke-Expression":                         "is for PowerShell",
	}
}

// exampleWords replace names in examples by what the lab has, in this order.
func exampleWords(ids map[string]string) *strings.Replacer {
	return strings.NewReplacer(
		"commands create restart-nginx", "commands create restart-web",
		"i-bp185dy2o3o6neg", "i-lab00001", "i-bp67acfmxazb4p", "i-lab00002",
		"edit t-7d2a745b412b4601b2d47f6a768d", "edit "+ids["periodic"],
		"t-7d2a745b412b4601b2d47f6a768d --history", ids["periodic"]+" --history", "t-7d2a745b412b4601b2d47f6a768d", ids["invocation"], "t-hz01", ids["invocation"], "t-hz02", ids["invocation"],
		"c-7d2a745b412b4601b2d47f6a768d", ids["command"], "20270606t131530217-8c1f03ab", ids["run"],
		"'web-[001-010]'", "lab-001", "'web-[001-040]' --exclude web-007", "'lab-[001-003]' --exclude lab-002",
		"'web-[001-020]' --exclude web-007", "'lab-[001-003]' --exclude lab-003", "web-001", "lab-001", "'web-[001-004]'", "'lab-[001-003]'",
		"env=prod", "env=lab", "install-app {{version}}", "echo {{version}}", "--owner app ", "",
	)
}

// beforeExample are commands to run before some examples.
func beforeExample() map[string]string {
	return map[string]string{
		"muster lab instances start i-lab00001 'lab-[002-003]'": "muster lab instances stop 'lab-*'",
	}
}

// exampleFiles are the files that examples read, and the programs that they pipe to and from.
func exampleFiles() map[string]string {
	return map[string]string{
		"deploy.sh": "echo deployed", "check.sh": "true", "restart.sh": "true", "cleanup.sh": "find /var/log/app -mtime +{{days}}", "app.conf": "a", "a.conf": "a", "b.conf": "b",
		"ids.txt": "i-lab00001\n", ".config/muster/config.yaml": "groups: {canaries: lab-001}\n", "bin/render-config": "#!/bin/sh\necho rendered\n",
	}
}

// TestExamples runs every example of every command's help unchanged, in a home and with a lab of its own.
func TestExamples(t *testing.T) {
	root := newRootCommand(newApp(term.New(strings.NewReader(""), io.Discard, io.Discard, nil), func(string) string { return "" }))
	commands := commandsBelow(root)
	commands[""] = root
	seen := map[string]bool{}
	for path, cmd := range commands {
		if cmd.Example == "" {
			t.Errorf("muster %s has no examples", path)
		}
		for line := range strings.Lines(cmd.Example) {
			line = strings.TrimSpace(line)
			if _, ok := untried()[line]; ok {
				seen[line] = true
				continue
			}
			t.Run(line, func(t *testing.T) { t.Parallel(); runExample(t, line) })
		}
	}
	for line := range untried() {
		if !seen[line] {
			t.Errorf("no help has the example %q", line)
		}
	}
}

func runExample(t *testing.T, line string) {
	env, id, secret := testLab(t, 3)
	home := t.TempDir()
	for name, text := range exampleFiles() {
		path := filepath.Join(home, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	profiles := `{"current": "default", "profiles": [{"name": "default", "mode": "AK", "access_key_id": "ID", "access_key_secret": "SECRET", "region_id": "cn-hangzhou"},
		{"name": "prod", "mode": "AK", "access_key_id": "ID", "access_key_secret": "SECRET", "region_id": "cn-hangzhou"}]}`
	profiles = strings.NewReplacer("ID\"", id+"\"", "SECRET", secret).Replace(profiles)
	if err := errors.Join(os.MkdirAll(filepath.Join(home, ".aliyun"), 0o700), os.WriteFile(filepath.Join(home, ".aliyun", "config.json"), []byte(profiles), 0o600)); err != nil {
		t.Fatal(err)
	}
	endpoint := strings.TrimPrefix(env[0], "MUSTER_ENDPOINT=")
	env = append(env, "HOME="+home, "PATH="+filepath.Join(home, "bin")+":"+os.Getenv("PATH"))
	ctx := t.Context()
	shell := func(script string) (string, error) {
		command := exec.CommandContext(ctx, "bash", "--norc", "-c", script)
		command.Dir, command.Env = home, append(command.Environ(), env...)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	ids := exampleHistory(ctx, t, line, endpoint, id, secret, shell)
	serveExampleLab(t, line, &env)
	if before, ok := beforeExample()[line]; ok {
		if out, err := shell(before); err != nil {
			t.Fatalf("%s: %v: %s", before, err, out)
		}
	}
	out, err := shell("set -o pipefail; " + exampleWords(ids).Replace(line))
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && (exit.ExitCode() == exitUnsuccess || exit.ExitCode() == exitStopped) {
		return // the example is about failures in the history
	}
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// exampleHistory creates what precedes an example: an invocation, a partly failed run, and saved commands.
func exampleHistory(ctx context.Context, t *testing.T, line, endpoint, id, secret string, shell func(string) (string, error)) map[string]string {
	t.Helper()
	ids := map[string]string{}
	if strings.Contains(line, "t-") || strings.Contains(line, "runs") || strings.HasSuffix(line, " last") {
		run := "muster run -q --all -o json -- false"
		if !strings.Contains(line, "resume") {
			run = "muster run -q --all -o json --waves 1 --max-failures 1 -- false" // the first instance fails, and the others are not sent to
		}
		out, err := shell(run)
		id := regexp.MustCompile(`"RunId": "([^"]+)"`).FindStringSubmatch(out)
		invocation := regexp.MustCompile(`"InvokeId": "([^"]+)"`).FindStringSubmatch(out)
		if id == nil || invocation == nil {
			t.Fatalf("%v: %s", err, out)
		}
		ids["run"], ids["invocation"] = id[1], invocation[1]
	}
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: assist.Endpoint{Host: endpoint}, Credentials: assist.StaticCredentials(id, secret),
		Transport: assist.NewTransport(assist.Timeouts{}), UserAgent: "examples",
	})
	if err != nil {
		t.Fatal(err)
	}
	client := assist.NewClient(core)
	periodic, err := client.RunCommand(ctx, &assist.RunCommandRequest{
		RegionId: labRegion, Type: "RunShellScript", CommandContent: "true", ContentEncoding: assist.PlainText,
		RepeatMode: "Period", Frequency: "rate(1d)", InstanceId: []string{"i-lab00001"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ids["periodic"] = periodic.InvokeId
	for name, content := range map[string]string{"restart-nginx": "true", "install-app": "echo {{version}}"} {
		answer, err := client.CreateCommand(ctx, &assist.CreateCommandRequest{
			RegionId: labRegion, Name: name, Type: "RunShellScript", ContentEncoding: assist.PlainText, CommandContent: content,
			EnableParameter: strings.Contains(content, "{{"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if name == "restart-nginx" {
			ids["command"] = answer.CommandId
		}
	}
	return ids
}

// serveExampleLab starts the lab that an example needs.
func serveExampleLab(t *testing.T, line string, env *[]string) {
	t.Helper()
	if !strings.Contains(line, "muster lab ") && !strings.Contains(line, "-p lab") {
		return
	}
	*env = (*env)[1:] // the other lab's endpoint
	ctx, cancel := context.WithCancel(t.Context())
	command := exec.CommandContext(ctx, "muster", "lab", "--instances", "3", "--ephemeral")
	command.Env = append(command.Environ(), *env...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = command.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil { // it prints this once it serves
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
}

// TestHelpBeginsWithExamples checks that examples precede the usage.
func TestHelpBeginsWithExamples(t *testing.T) {
	root := newRootCommand(newApp(term.New(strings.NewReader(""), io.Discard, io.Discard, nil), func(string) string { return "" }))
	for path, cmd := range commandsBelow(root) {
		help := cmd.UsageString()
		if examples := strings.Index(help, "Examples:\n"); examples != 0 || strings.Index(help, "Usage:\n") < examples {
			t.Errorf("muster %s: %s", path, help)
		}
	}
}
