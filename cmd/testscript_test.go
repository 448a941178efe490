package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/itchyny/gojq"
	"github.com/rogpeppe/go-internal/testscript"

	"muster/pkg/assist"
	"muster/pkg/lab"
)

func TestMain(m *testing.M) {
	if raceEnabled && os.Getenv("GORACE") == "" {
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // with the race detector, a process sleeps for a second at its end
	}
	if filepath.Base(os.Args[0]) != "muster" && signal.Ignored(syscall.SIGHUP) {
		// Under nohup, the tests' processes would ignore the signal. A signal that is caught is not inherited as ignored.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	testscript.Main(m, map[string]func(){
		"muster": func() { os.Exit(mainWith(killsItself)) }, //nolint:forbidigo // this is that process's main
	})
}

// TestScripts runs the real main, as a process of its own, against a lab in this process.
//
// The scripts have the condition [root], which holds if root runs the test, and these commands besides testscript's own. FILE is a file
// of the script, stdout or stderr.
//
// The lab:
//
//	lab N [FAULT...]              start a lab of N instances, perhaps with faults, and point the environment at it; of several
//	                              labs, the commands mean the last one
//	lab FILE [FAULT...]           the same with the instances of a fleet file
//	instance ID STATE             make an instance stopped, running, offline, online, windows, linux or old, or reboot it
//	instance ID named NAME        rename an instance
//	touch-all NAME                create an empty file in every instance's home
//	command NAME FILE             save a script as a command, and set $COMMAND to its id
//	submit FILE INSTANCE...       run a script with another client, and set $INVOKE to the invocation
//	calls ACTION N                check the number of calls of an action
//	executions N                  check the number of executed scripts
//	wait-executions N             wait until so many scripts have started
//	faulted FAULT N               check how often a fault has happened; + means at least once
//	host NAME CODE [PATH]         call the lab of muster lab by a host name, and check the HTTP status
//	enrol FILE BUILD NAME         register a host with the activation in a file, and start its agent of a build; with !, it is refused
//
// Running muster:
//
//	exits CODE ARG...             run muster, and check the exit code and the JSON that it prints
//	refused TEXT ARG...           run muster, and check for exit code 64 and one error as JSON that contains the text
//	in-each FILE FILE CODE ARG... run muster in each environment of the first file, and check that stdout is JSON and that nothing
//	                              has a secret of the second file
//	needs-none [PATTERN]          run each command that needs no settings, and check that it succeeds with one warning that
//	                              matches, or without warnings
//
// Files and values:
//
//	jq FILE EXPR                  check that a jq expression is true
//	jqs FILE EXPR                 the same for the array of all documents in the file
//	same FILE FILE EXPR           check that an expression has the same result for two files
//	lines FILE N                  check the number of lines
//	begins FILE FILE N            check that the first file has N lines and begins with the second
//	mode FILE MODE                check the permissions, in octal
//	nowhere FILE NAME...          check that none of the files and directories has the value in FILE in any form
//	gone FILE                     check that the process with the number in a file does not exist
//	waitfor FILE [TEXT]           wait until a file exists and contains the text; FILE may be a pattern
//	tear FILE N                   cut N bytes off the end of a file
//	expand FILE...                replace variables such as $NAME in files
//	env-of NAME FILE              set a variable to the content of a file
//	run-id FILE                   set $RUN to the id of the run in a file
//	invoke-of FILE                set $INVOKE to the invocation in a file
//	add-profile NAME              add a profile of the aliyun CLI for the lab
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("there is no condition %s", name)
			}
			return os.Geteuid() == 0, nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")
			env.Setenv("NO_COLOR", "")
			env.Setenv("TERM", "xterm")
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Values[labKey{}] = new(scriptLab)
			env.Values[contextKey{}] = t.Context()
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// The lab.
			"lab": startLab, "instance": changeInstance, "touch-all": touchAll, "command": saveCommand, "submit": submitElsewhere,
			"calls": wantCalls, "executions": wantExecutions, "wait-executions": waitExecutions, "faulted": wantFaulted, "host": callByName,
			"enrol": enrolHost,
			// Running muster.
			"exits": wantExit, "refused": wantRefusal, "in-each": inEach, "needs-none": needsNone,
			// Files and values.
			"jq": wantJQ, "jqs": wantAll, "same": wantSame, "lines": wantLines, "begins": wantBegins, "mode": wantMode,
			"nowhere": wantNowhere, "gone": wantGone, "waitfor": waitForFile, "tear": tear, "expand": expand,
			"env-of": envOf, "run-id": runID, "invoke-of": invokeOf, "add-profile": addProfile,
		},
	})
}

type labKey struct{}
type contextKey struct{}

// contextOf returns the context of the script's test.
func contextOf(ts *testscript.TestScript) context.Context {
	return ts.Value(contextKey{}).(context.Context)
}

// scriptLab is the lab of a script.
type scriptLab struct {
	lab    *lab.Lab
	server *lab.Server
}

func labOf(ts *testscript.TestScript) *scriptLab {
	l := ts.Value(labKey{}).(*scriptLab)
	if l.lab == nil {
		ts.Fatalf("there is no lab yet")
	}
	return l
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

func startLab(ts *testscript.TestScript, _ bool, args []string) {
	l := ts.Value(labKey{}).(*scriptLab)
	var faults []lab.Fault
	for _, text := range args[1:] {
		fault, err := lab.ParseFault(text)
		ts.Check(err)
		faults = append(faults, fault)
	}
	dir := ts.MkAbs("lab")
	if l.lab != nil {
		dir = ts.MkAbs("lab-of-others")
	}
	machine, err := lab.New(lab.Options{Region: labRegion, Instances: fleetOf(ts, args[0]), Dir: dir, Faults: faults})
	ts.Check(err)
	server, err := lab.Start(contextOf(ts), machine, "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() {
		ts.Check(server.Close())
		ts.Check(machine.Close())
	})
	l.lab, l.server = machine, server
	id, secret := machine.Key()
	ts.Setenv("ALIBABA_CLOUD_ENDPOINT", server.Endpoint())
	ts.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", id)
	ts.Setenv("LAB_KEY", id)
	ts.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret)
	ts.Setenv("ALIBABA_CLOUD_REGION_ID", labRegion)
}

// fleetOf returns a number of instances, or those of a fleet file.
func fleetOf(ts *testscript.TestScript, text string) []lab.Instance {
	if n, err := strconv.Atoi(text); err == nil {
		return lab.NumberedInstances(n)
	}
	file, err := lab.ReadFleet(strings.NewReader(ts.ReadFile(text)), text, labRegion)
	ts.Check(err)
	return file.Instances
}

func changeInstance(ts *testscript.TestScript, _ bool, args []string) {
	if args[1] == "reboot" {
		ts.Check(labOf(ts).lab.Reboot(args[0]))
		return
	}
	ts.Check(labOf(ts).lab.SetInstance(args[0], func(i *lab.Instance) {
		switch args[1] {
		case "stopped":
			i.Status = "Stopped"
		case "running":
			i.Status = "Running"
		case "offline":
			i.Online = false
		case "online":
			i.Online = true
		case "old":
			i.AgentVersion = "2.2.3.100"
		case "windows":
			i.OSType = "windows"
		case "linux":
			i.OSType = "linux"
		case "named":
			i.InstanceName = args[2]
		default:
			ts.Fatalf("no such state: %s", args[1])
		}
	}))
}

func wantExit(ts *testscript.TestScript, _ bool, args []string) {
	want, got := number(ts, args[0]), 0
	err := ts.Exec("muster", args[1:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Logf("[stdout]\n%s", out)
	}
	if out := ts.ReadFile("stderr"); out != "" {
		ts.Logf("[stderr]\n%s", out)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if err := asSchemaSays(args[1:], ts.ReadFile("stdout"), ts.ReadFile("stderr")); err != nil {
		ts.Fatalf("this is not as the schema says: %v", err)
	}
}

func wantCalls(ts *testscript.TestScript, _ bool, args []string) {
	if got, want := labOf(ts).lab.Calls()[args[0]], number(ts, args[1]); got != want {
		ts.Fatalf("%d calls of %s, want %d", got, args[0], want)
	}
}

func wantExecutions(ts *testscript.TestScript, _ bool, args []string) {
	if got, want := len(labOf(ts).lab.Executions()), number(ts, args[0]); got != want {
		ts.Fatalf("%d executions, want %d", got, want)
	}
}

func wantFaulted(ts *testscript.TestScript, _ bool, args []string) {
	got := labOf(ts).lab.FaultCounts()[args[0]]
	if args[1] == "+" && got > 0 {
		return
	}
	if args[1] == "+" || got != number(ts, args[1]) {
		ts.Fatalf("%s happened %d times, want %s", args[0], got, args[1])
	}
}

func wantLines(ts *testscript.TestScript, _ bool, args []string) {
	if got, want := strings.Count(ts.ReadFile(args[0]), "\n"), number(ts, args[1]); got != want {
		ts.Fatalf("%d lines in %s, want %d", got, args[0], want)
	}
}

func wantBegins(ts *testscript.TestScript, neg bool, args []string) {
	wantLines(ts, neg, []string{args[0], args[2]})
	if text, begin := ts.ReadFile(args[0]), ts.ReadFile(args[1]); !strings.HasPrefix(text, begin) {
		ts.Fatalf("%s does not begin with\n%s", args[0], begin)
	}
}

func wantJQ(ts *testscript.TestScript, neg bool, args []string) {
	query, err := gojq.Parse(args[1])
	ts.Check(err)
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &value))
	result, _ := query.Run(value).Next()
	if err, ok := result.(error); ok {
		ts.Fatalf("jq %s: %v", args[1], err)
	}
	if (result == true) == neg {
		ts.Fatalf("jq %s: %v in\n%s", args[1], result, ts.ReadFile(args[0]))
	}
}

// otherClient returns a client of the lab other than muster.
func otherClient(ts *testscript.TestScript) *assist.Client {
	l := labOf(ts)
	client, err := clientOf(l.lab, l.server.Endpoint())
	ts.Check(err)
	return client
}

// clientOf returns a client of a lab.
func clientOf(l *lab.Lab, endpoint string) (*assist.Client, error) {
	id, secret := l.Key()
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: assist.Endpoint{Host: endpoint}, Credentials: assist.StaticCredentials(id, secret),
		Transport: assist.NewTransport(assist.Timeouts{}), UserAgent: "other",
	})
	return assist.NewClient(core), err
}

func saveCommand(ts *testscript.TestScript, _ bool, args []string) {
	content := ts.ReadFile(args[1])
	answer, err := otherClient(ts).CreateCommand(contextOf(ts), &assist.CreateCommandRequest{
		RegionId: labRegion, Name: args[0], Type: "RunShellScript", ContentEncoding: assist.PlainText, CommandContent: content,
		EnableParameter: len(assist.ParameterNames(content)) > 0,
	})
	ts.Check(err)
	ts.Setenv("COMMAND", answer.CommandId)
}

func submitElsewhere(ts *testscript.TestScript, _ bool, args []string) {
	answer, err := otherClient(ts).RunCommand(contextOf(ts), &assist.RunCommandRequest{
		RegionId: labRegion, Type: "RunShellScript", CommandContent: ts.ReadFile(args[0]), InstanceId: args[1:],
	})
	ts.Check(err)
	ts.Setenv("INVOKE", answer.InvokeId)
	fmt.Fprintln(ts.Stdout(), answer.InvokeId)
}

func waitForFile(ts *testscript.TestScript, _ bool, args []string) {
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		content, err := readFirst(ts.MkAbs(args[0]))
		if err == nil && strings.Contains(string(content), strings.Join(args[1:], " ")) {
			tick.Stop()
			return
		}
		select {
		case <-tick.C:
		case <-contextOf(ts).Done():
			ts.Fatalf("%s never came", args[0])
		}
	}
}

// readFirst reads the first file that matches a pattern.
func readFirst(pattern string) ([]byte, error) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		return nil, errors.Join(err, os.ErrNotExist)
	}
	return os.ReadFile(files[0])
}

func callByName(ts *testscript.TestScript, _ bool, args []string) {
	connections, err := lab.ReadConnections(filepath.Join(ts.Getenv("HOME"), ".local", "state", "muster", "lab", "connection.json"))
	ts.Check(err)
	connection := connections[0]
	r, err := http.NewRequestWithContext(contextOf(ts), http.MethodGet, "http://"+connection.Endpoint+strings.Join(append(args[2:], "/?Action=DescribeRegions")[:1], ""), nil)
	ts.Check(err)
	r.Host = strings.ReplaceAll(args[0], "ENDPOINT", connection.Endpoint)
	direct := new(http.Transport)
	defer direct.CloseIdleConnections()
	answer, err := (&http.Client{Transport: direct}).Do(r)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if want := number(ts, args[1]); answer.StatusCode != want {
		ts.Fatalf("%s is answered with %s, want %d", r.Host, answer.Status, want)
	}
}

// wantGone waits until a process is gone. A zombie counts as gone.
func wantGone(ts *testscript.TestScript, _ bool, args []string) {
	pid := strings.TrimSpace(ts.ReadFile(args[0]))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 300 {
		stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		<-tick.C
	}
	ts.Fatalf("process %s is still there", pid)
}

func invokeOf(ts *testscript.TestScript, _ bool, args []string) {
	match := regexp.MustCompile(`"InvokeId": ?"(t-[0-9a-f]+)"`).FindStringSubmatch(ts.ReadFile(args[0]))
	if match == nil {
		ts.Fatalf("there is no invocation in %s", args[0])
	}
	ts.Setenv("INVOKE", match[1])
}

func envOf(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
