package cmd

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// settingless returns the commands that need no settings. A lab must be running.
func settingless() [][]string {
	return [][]string{
		{"version"}, {"version", "-o", "json"}, {"--help"}, {"run", "--help"}, {"help"}, {"help", "run"}, {"config"}, {"explain", "Throttling"}, {"schedule", "rate(5m)"},
		{"schema", "version"}, {"completion", "bash"}, {"runs"}, {"lab", "env"}, {"lab", "faults"}, {"lab", "instances"},
		{"run", "--lab=1", "--all", "--", "true"}, {"-p", "lab", "instances"},
	}
}

func needsNone(ts *testscript.TestScript, _ bool, args []string) {
	for _, words := range settingless() {
		// Help reads no settings, and a chosen profile needs no others.
		warned := len(args) > 0 && !strings.Contains(strings.Join(words, " "), "help")
		aboutProfiles := warned && strings.Contains(args[0], ".aliyun")
		if words[0] == "-p" && aboutProfiles {
			warned = false
		}
		wantWarning(ts, words, warned, args)
		wantWarning(ts, append([]string{"-q"}, words...), false, nil)
	}
}

func wantWarning(ts *testscript.TestScript, words []string, warned bool, args []string) {
	command := "muster " + strings.Join(words, " ")
	if err := ts.Exec("muster", words...); err != nil {
		ts.Fatalf("%s: %v", command, err)
	}
	var warnings []string
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		var said notice
		if json.Unmarshal([]byte(line), &said) == nil {
			line = "muster: " + said.Note
		}
		if strings.Contains(line, "warning:") {
			warnings = append(warnings, strings.TrimSuffix(line, "\n"))
		}
	}
	if !warned {
		if len(warnings) > 0 {
			ts.Fatalf("%s warns: %q", command, warnings)
		}
		return
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	if len(warnings) != 1 || !pattern.MatchString(warnings[0]) {
		ts.Fatalf("%s", fmt.Sprintf("%s warns %q, and not once of %s", command, warnings, args[0]))
	}
}
