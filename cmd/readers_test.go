//go:build unix

package cmd

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestReaders makes a run with outputs that formats and their readers often get wrong, and reads it in each format with third-party
// readers. Each reader returns every output byte for byte, or reports in a documented way that it cannot.
//
// Readers that are not installed are skipped. Those from npm are looked for in the directory FORMAT_READERS, in which `npm ci` of
// testdata/readers was run.
func TestReaders(t *testing.T) {
	texts := nastyTexts()
	env := nastyRun(t, texts)
	readers := []struct {
		format  string
		command []string
		want    func(string) string // the output as the format writes it
	}{
		{"json", []string{"python3", "read.py", "json"}, asText},
		{"json", []string{"ruby", "read.rb", "json"}, asText},
		{"json", []string{"node", "read.cjs", "json"}, asText},
		{"json", []string{"jq", "-r", `.Instances[] | [.InstanceId, (.Output | @base64 | if . == "" then "-" else . end), .OutputBase64 // "-"] | join(" ")`}, asText},
		{"yaml", []string{"python3", "read.py", "yaml"}, asText},
		{"yaml", []string{"python3", "read.py", "libyaml"}, asText},
		{"yaml", []string{"ruby", "read.rb", "yaml"}, asText},
		{"yaml", []string{"node", "read.cjs", "yaml"}, asText},
		{"yaml", []string{"node", "read.cjs", "yaml-1.1"}, asText},
		{"yaml", []string{"node", "read.cjs", "js-yaml"}, asText},
		{"csv", []string{"python3", "read.py", "csv"}, asCell},
		{"csv", []string{"node", "read.cjs", "csv"}, asCell},
		{"junit", []string{"python3", "read.py", "junit"}, asXML},
	}
	documents := map[string][]byte{}
	for _, reader := range readers {
		t.Run(reader.format+" "+strings.Join(reader.command[:min(3, len(reader.command))], " "), func(t *testing.T) {
			needsReader(t, reader.command)
			if documents[reader.format] == nil {
				documents[reader.format] = shownRun(t, env, reader.format)
			}
			got := readRun(t, reader.command, documents[reader.format])
			for i, text := range texts {
				id := fmt.Sprintf("i-lab%05d", i+1)
				if reader.want(text) != got[id].text {
					t.Errorf("%.60q came back as %.60q", reader.want(text), got[id].text)
				}
				if reader.format != "junit" && !utf8.ValidString(text) && got[id].bytes != text {
					t.Errorf("the bytes of %.60q came back as %.60q", text, got[id].bytes)
				}
			}
		})
	}
	t.Run("junit xmllint", func(t *testing.T) {
		needsReader(t, []string{"xmllint"})
		runReader(t, []string{"xmllint", "--noout", "--huge", "--schema", "junit-10.xsd", "-"}, shownRun(t, env, "junit"))
	})
}

// nastyTexts are outputs that a format or a reader may misread.
func nastyTexts() []string {
	texts := []string{
		"", "\n", "\n\n", " ", "\t", "\t\n", " x", "x ", "x \ny \n", "\tx\ny\n", " x\ny\n", "\nx\n", "x\n\n\n", "x\n\n y\n\tz\n", "x\n\ty", "  x\n y\n",
		"y", "n", "yes", "No", "on", "OFF", "true", "False", "null", "Null", "~", "nil", "=", "<<", "!", "!!str x", "&a", "*a", "- a", "-", "---", "...", "--- a\n...\n", "? a", ": a", "a: b", "a:", "a #b", "#", "%YAML 1.1", "@a", "`a`", "|", ">", "{a: b}", "[a]", "'", "''", `"`, `\`, `\n`, `"a`, "'a'",
		"0", "1", "-1", "+1", "010", "0o17", "0x1f", "0b1", "1_000", "1:30", "190:20:30", "1.", ".5", "1.10", "1e3", "1E+3", ".inf", "-.INF", ".nan", "NaN", "Infinity", "2027-06-06", "2027-06-06T13:15:30Z", "2027-06-06 13:15:30.5 +8", "1,5", "12e03",
		"]]>", "<![CDATA[x]]>", "<a b=\"c\">&amp;</a>", "&#x1b;", "<!-- -->", "a|b", "a`b``c", "``` \n```\n", "a,b", `a,"b",c`, `""`, "a;b", "=1+1", "{{x}}", "$HOME",
		"a\rb", "a\r\nb\r\n", "\r", "a\r", "\r\n", "a\n\rb", "a\u0085b", "a\u2028b", "a\u2029b\n", "x\ny\u0085\n", "x\ny\u2028", "\ufeffx", "x\ufeff", "x\n\ufeffy\n", "\ufffe", "\uffff", "\ufffd", "\u00a0", "\u200b\u202e", "世界\n日本\n", "😀", "a😀\nb\n", "e\u0301", "\U0010ffff",
		"\xff", "\xffa\nb\n", "caf\xe9\n", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe4\xb8", "a\x00\xffb", strings.Repeat("\xfe", 300),
		strings.Repeat("0123456789abcde\n", 24<<10/16), strings.Repeat("日本語\n", 2400), strings.Repeat(`"\`, 12<<10), strings.Repeat("\u0085", 8<<10), strings.Repeat("x", 24<<10), strings.Repeat(" ", 24<<10),
	}
	for c := range rune(0xa0) {
		if c < ' ' || c >= 0x7f {
			texts = append(texts, "a"+string(c)+"b", string(c), "x\n"+string(c)+"y\n")
		}
	}
	for n := range 300 { // an encoder that writes in pieces
		if n%7 == 0 {
			var b strings.Builder
			for i := range n {
				fmt.Fprintln(&b, i+1)
			}
			texts = append(texts, b.String())
		}
	}
	return texts
}

// nastyRun makes instance n write text n, and returns the environment in which that run is the last.
func nastyRun(t *testing.T, texts []string) []string {
	t.Helper()
	env, id, secret := testLab(t, len(texts))
	dir := t.TempDir()
	env = append(env, "HOME="+dir, "MUSTER_REGION="+labRegion, "ALIBABA_CLOUD_ACCESS_KEY_ID="+id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+secret)
	for i, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("lab-%03d", i+1)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inShell(t, env, "muster", "run", "--all", "-q", "--", "cat '"+dir+"'/$(hostname)")
	return env
}

// shownRun returns the last run in a format.
func shownRun(t *testing.T, env []string, format string) []byte {
	t.Helper()
	show := exec.CommandContext(t.Context(), "muster", "runs", "show", "last", "-o", format)
	show.Env = append(show.Environ(), env...)
	document, err := show.Output()
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// needsReader skips a test without its reader.
func needsReader(t *testing.T, command []string) {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skipf("there is no %s here", command[0])
	}
	switch {
	case command[0] == "python3" && exec.CommandContext(t.Context(), "python3", "-c", "import yaml").Run() != nil:
		t.Skip("there is no PyYAML here")
	case command[0] == "node" && os.Getenv("FORMAT_READERS") == "":
		t.Skip("FORMAT_READERS is not set")
	}
}

// runReader runs a reader from the test data.
func runReader(t *testing.T, command []string, document []byte) []byte {
	t.Helper()
	reader := exec.CommandContext(t.Context(), command[0], command[1:]...)
	reader.Dir = filepath.Join("testdata", "readers")
	reader.Env = append(reader.Environ(), "NODE_PATH="+filepath.Join(os.Getenv("FORMAT_READERS"), "node_modules"))
	reader.Stdin = bytes.NewReader(document)
	var stderr bytes.Buffer
	reader.Stderr = &stderr
	out, err := reader.Output()
	if err != nil {
		t.Fatalf("%q: %v: %.2000s", command, err, stderr.String())
	}
	return out
}

type readOutput struct{ text, bytes string }

// readRun returns what a reader has read, by instance.
func readRun(t *testing.T, command []string, document []byte) map[string]readOutput {
	t.Helper()
	read := map[string]readOutput{}
	for line := range strings.Lines(string(runReader(t, command, document))) {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			t.Fatalf("%q", line)
		}
		read[fields[0]] = readOutput{decodedWord(t, fields[1]), decodedWord(t, fields[2])}
	}
	return read
}

func decodedWord(t *testing.T, word string) string {
	t.Helper()
	if word == "-" {
		return ""
	}
	decoded, err := base64.StdEncoding.DecodeString(word)
	if err != nil {
		t.Fatal(err)
	}
	return string(decoded)
}

// asText returns an output as JSON and YAML write it: with U+FFFD for each byte that is not UTF-8.
func asText(text string) string { return string([]rune(text)) }

// asCell returns an output as a cell, without the final newline.
func asCell(text string) string { return strings.TrimSuffix(asText(text), "\n") }

// asXML returns an output as XML, with U+FFFD also for characters that XML does not allow.
func asXML(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && !slices.Contains([]rune("\t\n\r"), r) || r == '\ufffe' || r == '\uffff' {
			return '\ufffd'
		}
		return r
	}, asText(text))
}

// TestSchemaInAjv compiles the schema in ajv's strict mode and validates the output of commands, one JSON value per line.
func TestSchemaInAjv(t *testing.T) {
	needsReader(t, []string{"node"})
	env := nastyRun(t, []string{"", "\xff", "a\x00b"})
	dir := t.TempDir()
	save := func(name string, args ...string) string {
		command := exec.CommandContext(t.Context(), "muster", args...)
		command.Env = append(command.Environ(), env...)
		document, err := command.Output()
		if err != nil && command.ProcessState.ExitCode() != exitUnsuccess {
			t.Fatalf("%q: %v", args, err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, document, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	validate := []string{"node", "validate.cjs", save("schema.json", "schema")}
	for i, args := range [][]string{
		{"run", "--all", "--waves", "1", "--", "exit 3"}, {"runs", "show", "last"}, {"runs"}, {"instances"}, {"instances", "--status", "Stopped"},
		{"invocations"}, {"results", "-i", "i-lab00002"}, {"commands", "list"}, {"version"}, {"schedule", "rate(5m)"}, {"explain", "ClientNotResponse"}, {"config", "list"},
	} {
		for _, format := range []string{"json", "ndjson"} {
			args := append([]string{"-o", format}, args...)
			if format == "json" {
				args = append([]string{"--jq", "."}, args...) // on one line
			}
			validate = append(validate, save(fmt.Sprint(i, ".", format), args...))
		}
	}
	runReader(t, validate, nil)
}
