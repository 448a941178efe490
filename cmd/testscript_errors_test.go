package cmd

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// wantRefusal runs muster and checks for exit code 64, an empty stdout, and one error as JSON on stderr that contains the text.
func wantRefusal(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("muster", args[1:]...)
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != exitUsage || stdout != "" {
		ts.Fatalf("%v, want exit code %d; stdout: %s", err, exitUsage, stdout)
	}
	if problem := notOneError(stderr); problem != "" || !strings.Contains(stderr, args[0]) {
		ts.Fatalf("want an error with %q, %s: %s", args[0], problem, stderr)
	}
}

// notOneError returns why a text is not one line with the JSON of a usage error, or "".
func notOneError(text string) string {
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		return "not one line"
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	var got failure
	switch err := decoder.Decode(&got); {
	case err != nil:
		return err.Error()
	case got.Error.Message == "":
		return "no message"
	case got.ExitCode != exitUsage:
		return "not a usage error"
	}
	return ""
}
