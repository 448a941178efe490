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
		_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // a process with the race detector sleeps for a second when it ends
	}
	if filepath.Base(os.Args[0]) != "muster" && signal.Ignored(syscall.SIGHUP) {
		// Under nohup, what the tests start would ignore it, too. A signal that somebody hears of is not inherited as ignored.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	testscript.Main(m, map[string]func(){
		"muster": func() { os.Exit(mainWith(killsItself)) }, //nolint:forbidigo // this is that process's main
	})
}

// TestScripts runs the real main, as a process of its own, against a lab in this process.
//
// Beside testscript's own commands there are:
//
// and the condition [root], that root runs the test:
//
//	lab N [FAULT...]          start a lab of N instances, perhaps with faults, and point the environment at it; the latest of
//	                          several is the one that is meant
//	lab FILE [FAULT...]       the same with the instances of a fleet file
//	add-profile NAME          make a profile of the aliyun CLI that reaches the lab
//	faulted FAULT N           want that a fault has happened so often at the lab so far; + is at least once
//	instance ID STATE         make an instance of the lab stopped, running, offline, online, windows or old, or reboot it
//	instance ID named NAME    give an instance of the lab another name
//	exits CODE ARG...         run muster and want this exit code
//	in-each FILE FILE CODE ARG... the same in each of the environments in a file, with JSON on stdout and none of the secrets in
//	                          another
//	refused TEXT ARG...       run muster and want exit code 64 and one error as JSON, with the text in it
//	calls ACTION N            want that many calls at the lab so far
//	executions N              want that many scripts executed at the lab so far
//	lines FILE N              want that many lines in a file, or in stdout or stderr
//	begins FILE FILE N        want a file, or stdout or stderr, to have so many lines, of which the first are those of another
//	jq FILE EXPR              want a jq expression to be true of a file, or of stdout or stderr
//	command NAME FILE         save the script in a file as a command, and set $COMMAND to its id
//	host NAME CODE            call the lab that muster lab serves by that name, and want this HTTP status
//	gone FILE                 want no process that has the number in a file
//	nowhere FILE NAME...      want the value in a file, in no form, in none of the files and directories
//	invoke-of FILE            set $INVOKE to the invocation that was submitted, by the events in a file or in stdout
//	waitfor FILE [TEXT]       wait until a file is there, and has the text in it; the first one that matches a pattern
//	jqs FILE EXPR             want a jq expression to be true of the array of all documents in a file
//	same FILE FILE EXPR       want a jq expression to make the same of two files
//	run-id FILE               set $RUN to the run that a file tells of
//	mode FILE MODE            want these permissions, octal
//	tear FILE N               cut N bytes off a file's end
//	touch-all NAME            put an empty file into every instance's home
//	wait-executions N         wait until so many scripts were started at the lab
//	env-of NAME FILE          set a variable to what is in a file, or in stdout, line breaks included
//	needs-none [PATTERN]      run each command that needs no settings, and want that it succeeds with one warning that matches,
//	                          or without a pattern with none
//	expand FILE...            put the values of variables, as in $NAME, into files
//	submit FILE INSTANCE...   run the script in a file by a client of its own, and set $INVOKE to the invocation
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
			"lab": startLab, "instance": changeInstance, "exits": wantExit, "calls": wantCalls,
			"executions": wantExecutions, "lines": wantLines, "begins": wantBegins, "jq": wantJQ, "command": saveCommand, "submit": submitElsewhere,
			"waitfor": waitForFile, "faulted": wantFaulted, "invoke-of": invokeOf, "gone": wantGone,
			"jqs": wantAll, "same": wantSame, "run-id": runID, "mode": wantMode, "tear": tear, "touch-all": touchAll, "add-profile": addProfile,
			"wait-executions": waitExecutions, "env-of": envOf, "expand": expand,
			"refused": wantRefusal, "host": callByName, "needs-none": needsNone, "in-each": inEach, "nowhere": wantNowhere,
		},
	})
}

type labKey struct{}
type contextKey struct{}

// contextOf is the context of the test that the script is.
func contextOf(ts *testscript.TestScript) context.Context {
	return ts.Value(contextKey{}).(context.Context)
}

// scriptLab is the lab of one script.
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

// fleetOf returns so many instances, or those of a fleet file.
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
	var exit *exec.ExitError
	if errors.As(err, &exit) {
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

// otherClient is a client that is not muster's command.
func otherClient(ts *testscript.TestScript) *assist.Client {
	l := labOf(ts)
	client, err := clientOf(l.lab, l.server.Endpoint())
	ts.Check(err)
	return client
}

// clientOf is another client of a lab than the one that is tested.
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

// readFirst reads a file, or the first of those that match a pattern.
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
	r, err := http.NewRequestWithContext(contextOf(ts), http.MethodGet, "http://"+connection.Endpoint+"/?Action=DescribeRegions", nil)
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

// wantGone takes a process that has been killed, and is still being taken down, for one that goes.
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
