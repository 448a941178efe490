package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// maxScript bounds how much of a script is read: more than the API accepts, so that the error can report the size.
const maxScript = 1 << 20

// script is a script and its source.
type script struct {
	content  []byte
	name     string // of the file; empty for words and stdin
	stdin    bool
	warnings []fleet.Warning // about the words
}

// scriptFlags choose where a script comes from and how it is interpreted.
type scriptFlags struct {
	file     string
	content  *string // --command-content; nil without it
	kind     string  // --type
	encoding string
	noLint   bool
}

// windows reports whether the flags say that the script is for Windows.
func (f *scriptFlags) windows() bool {
	name, _ := new(script).commandType(f.kind)
	return name == "RunBatScript" || name == "RunPowerShellScript"
}

func (f *scriptFlags) add(flags *pflag.FlagSet) {
	groupScript.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVarP(&f.file, "file", "f", "", "`FILE`: read the script from this file; - is stdin")
		flags.StringVar(&f.kind, "type", "", "`LANGUAGE`: sh, bat or powershell (default: by the file's extension, or sh)")
		flags.StringVar(&f.encoding, "content-encoding", "", "`ENCODING`: read and send the script as PlainText or Base64 (default: read as plain text, sent in Base64)")
		flags.BoolVar(&f.noLint, "no-lint", false, "send the script without checking it first")
		flags.Func("command-content", "`SCRIPT`: the script itself", func(text string) error { f.content = &text; return nil })
		flags.Lookup("command-content").Hidden = true
	})
}

// readScript reads the script from the words after --, from a file, or from stdin for -.
func (rd *reader) readScript(cmd *cobra.Command, args []string, f scriptFlags) (*script, error) {
	dash := cmd.ArgsLenAtDash()
	before, words := args, []string(nil)
	if dash >= 0 {
		before, words = args[:dash], args[dash:]
	}
	if len(before) == 1 && before[0] == "-" && f.file == "" {
		before, f.file = nil, "-"
	}
	return rd.readScriptWords(cmd.Context(), cmd.CommandPath(), before, words, f)
}

// readScriptWords reads the script from words or from a file. before are arguments that precede --.
func (rd *reader) readScriptWords(ctx context.Context, command string, before, words []string, f scriptFlags) (*script, error) {
	file := f.file
	if f.content != nil {
		if file != "" || len(words) > 0 {
			return nil, usagef("give the script in one way: with --command-content, with --file or after --")
		}
		words = []string{*f.content}
	}
	switch {
	case len(before) > 0 && rd.lab.size > 0 && strings.Trim(before[0], "0123456789") == "":
		return nil, usagef("unexpected %q: the number of instances is a part of the flag, as in --lab=%s", before[0], before[0])
	case len(before) > 0:
		return nil, usagef("unexpected %q: the script comes after --, as in: %s -- %s", before[0], command, quoteWords(before))
	case file != "" && len(words) > 0:
		return nil, usagef("give the script with --file or after --, not both%s", fanoutHint(rd.flags, file))
	case file == "" && len(words) == 0:
		return nil, usagef("no script: give it after --, with -f FILE, or on stdin with -")
	case len(words) > 1 && words[0] == "":
		return nil, usagef("the command is empty: the first word after -- is its name")
	}
	s := &script{stdin: file == "-"}
	var err error
	if file == "" {
		if s.content, s.warnings, err = scriptOfWords(words, &f); err != nil {
			return nil, err
		}
	} else {
		if s.content, err = rd.readAll(ctx, file); errors.Is(err, fs.ErrNotExist) {
			return nil, &usageError{fmt.Errorf("%w%s", err, fanoutHint(rd.flags, file))}
		} else if err != nil {
			return nil, err
		}
		if !s.stdin {
			s.name = file
		}
	}
	if len(bytes.TrimSpace(s.content)) == 0 {
		return nil, usagef("the script%s is empty", s.from())
	}
	if size := assist.Base64Size(s.content); size > assist.MaxContent {
		return nil, usagef("the script%s is too long: %d bytes in Base64, at most %d; shorten it, or make it fetch the rest",
			s.from(), size, assist.MaxContent)
	}
	return s, nil
}

func (s *script) from() string {
	switch {
	case s.stdin:
		return " on stdin"
	case s.name != "":
		return " " + s.name
	}
	return ""
}

// title returns the first line that is neither blank nor a shebang.
func (s *script) title() string {
	for line := range strings.Lines(string(s.content)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#!") {
			return line
		}
	}
	return strings.TrimSpace(string(s.content))
}

// commandType returns the API's name of the script's language: the one of --type, or by shebang or file extension, or shell.
func (s *script) commandType(said string) (string, error) {
	byName := map[string]string{"sh": "RunShellScript", "bat": "RunBatScript", "powershell": "RunPowerShellScript"}
	if said != "" {
		if name, ok := byName[strings.ToLower(said)]; ok {
			return name, nil
		}
		for _, name := range byName {
			if strings.EqualFold(name, said) {
				return name, nil
			}
		}
		return "", usagef("--type %q: want sh, bat or powershell", said)
	}
	ending := strings.ToLower(filepath.Ext(s.name))
	switch {
	case bytes.HasPrefix(s.content, []byte("#!")):
		return byName["sh"], nil // a shebang is more reliable than the file name
	case ending == ".ps1":
		return byName["powershell"], nil
	case slices.Contains([]string{".bat", ".cmd"}, ending):
		return byName["bat"], nil
	}
	return byName["sh"], nil
}

// encoded returns the script as plain text and as it is sent. By default it is sent in Base64, which accepts any bytes; otherwise it
// is sent as given.
func (s *script) encoded(encoding string) (plain, content, sentAs string, err error) {
	switch {
	case encoding == "":
		return string(s.content), assist.EncodeContent(s.content, assist.Base64), assist.Base64, nil
	case strings.EqualFold(encoding, assist.PlainText):
		if !utf8.Valid(s.content) {
			return "", "", "", usagef("the script%s is not valid UTF-8: leave --content-encoding out", s.from())
		}
		return string(s.content), string(s.content), assist.PlainText, nil
	case strings.EqualFold(encoding, assist.Base64):
		decoded, err := assist.DecodeContent(string(s.content), assist.Base64)
		if err != nil {
			return "", "", "", usagef("the script%s is not in Base64", s.from())
		}
		return string(decoded), string(s.content), assist.Base64, nil
	}
	return "", "", "", usagef("--content-encoding %q: want PlainText or Base64", encoding)
}
