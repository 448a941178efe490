package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/itchyny/gojq"
	"github.com/rogpeppe/go-internal/testscript"
)

// runID sets $RUN to the id of the run in a file.
func runID(ts *testscript.TestScript, _ bool, args []string) {
	match := regexp.MustCompile(`"RunId": ?"([^"]+)"`).FindStringSubmatch(ts.ReadFile(args[0]))
	if match == nil {
		ts.Fatalf("there is no run in %s", args[0])
	}
	ts.Setenv("RUN", match[1])
}

// jqAll returns the result of an expression for all documents of a file.
func jqAll(ts *testscript.TestScript, file, expr string) any {
	query, err := gojq.Parse(expr)
	ts.Check(err)
	all := []any{}
	for decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(file))); ; {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		all = append(all, value)
	}
	result, _ := query.Run(all).Next()
	if err, ok := result.(error); ok {
		ts.Fatalf("jq -s %s: %v", expr, err)
	}
	return result
}

func wantAll(ts *testscript.TestScript, neg bool, args []string) {
	if result := jqAll(ts, args[0], args[1]); (result == true) == neg {
		ts.Fatalf("jq -s %s: %v in\n%s", args[1], result, ts.ReadFile(args[0]))
	}
}

func wantSame(ts *testscript.TestScript, _ bool, args []string) {
	if diff := cmp.Diff(jqAll(ts, args[0], ".[]|"+args[2]), jqAll(ts, args[1], ".[]|"+args[2])); diff != "" {
		ts.Fatalf("%s and %s differ: %s", args[0], args[1], diff)
	}
}

func wantMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	want, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	if got := info.Mode().Perm(); got != fs.FileMode(want) {
		ts.Fatalf("%s has mode %o, want %o", args[0], got, want)
	}
}

// tear cuts bytes off the end of a file.
func tear(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()-int64(number(ts, args[1]))))
}

// touchAll puts an empty file into every instance's home.
func touchAll(ts *testscript.TestScript, _ bool, args []string) {
	for i := range labOf(ts).lab.Size() {
		home := filepath.Join(ts.MkAbs("lab"), "instances", fmt.Sprintf("i-lab%05d", i+1), "rootfs", "root")
		ts.Check(os.MkdirAll(home, 0o700))
		ts.Check(os.WriteFile(filepath.Join(home, args[0]), nil, 0o600))
	}
}

// waitExecutions waits until so many scripts have started in the lab.
func waitExecutions(ts *testscript.TestScript, _ bool, args []string) {
	want := number(ts, args[0])
	for tick := time.NewTicker(10 * time.Millisecond); len(labOf(ts).lab.Executions()) < want; {
		select {
		case <-tick.C:
		case <-contextOf(ts).Done():
			ts.Fatalf("%d scripts were never started", want)
		}
	}
}
