package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// inEach runs muster in each of the environments in a file: lines of NAME=VALUE, in addition to the script's own. Each time it
// checks the exit code, that stdout is only JSON, and that neither stream has a secret: a line of the second file, the secret of the
// key, or a signature. The last run's stdout is kept for the script.
func inEach(ts *testscript.TestScript, _ bool, args []string) {
	environments, hidden, code, args := ts.ReadFile(args[0]), ts.ReadFile(args[1]), number(ts, args[2]), args[3:]
	secrets := append(strings.Fields(hidden), ts.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"), "Authorization", "Signature")
	for line := range strings.Lines(environments) {
		stdout, stderr, got := runIn(ts, strings.Fields(line), args)
		if got != code {
			ts.Fatalf("in %s: exit code %d, want %d\n%s", line, got, code, stderr)
		}
		decoder := json.NewDecoder(strings.NewReader(stdout))
		documents := 0
		for ; ; documents++ {
			var value any
			err := decoder.Decode(&value)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				ts.Fatalf("in %s: stdout is not JSON: %v\n%s", line, err, stdout)
			}
		}
		if documents == 0 && code == 0 {
			ts.Fatalf("in %s: stdout is empty", line)
		}
		if err := asSchemaSays(args, stdout, stderr); err != nil {
			ts.Fatalf("in %s: this is not as the schema says: %v", line, err)
		}
		for _, secret := range secrets {
			if strings.Contains(stdout+stderr, secret) {
				ts.Fatalf("in %s: %s is revealed:\n%s\n%s", line, secret, stdout, stderr)
			}
		}
		_, err := ts.Stdout().Write([]byte(stdout))
		ts.Check(err)
	}
}

func runIn(ts *testscript.TestScript, environment, args []string) (stdout, stderr string, code int) {
	all := map[string]string{"PATH": os.Getenv("PATH")}
	for _, name := range []string{
		"HOME", "PASSWORD", "ALIBABA_CLOUD_ENDPOINT", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
		"ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
	} {
		all[name] = ts.Getenv(name)
	}
	for _, assignment := range environment {
		name, value, _ := strings.Cut(assignment, "=")
		all[name] = value
	}
	muster, err := exec.LookPath("muster")
	ts.Check(err)
	c := exec.CommandContext(contextOf(ts), muster, args...)
	c.Dir = ts.MkAbs(".")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c.Env = append(c.Env, name+"="+all[name])
	}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	if err != nil && !isA[*exec.ExitError](err) {
		ts.Check(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}
