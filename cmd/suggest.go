package cmd

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/lab"
	"muster/pkg/target"
)

// explainFlagError rewrites an error of pflag. For an unknown flag it suggests the one that was probably meant.
func explainFlagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		short := unknown.GetSpecifiedShortnames() != ""
		return unknownFlag(cmd, unknown.GetSpecifiedName(), short)
	}
	if lacking, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		value, _ := placeholder(lacking.GetFlag())
		return fmt.Errorf("%s needs a value: %s", withShorthand(lacking.GetFlag()), value)
	}
	return explainValueError(err)
}

// unknownFlag returns the error of an unknown flag, given by name or letter, with a suggestion.
func unknownFlag(cmd *cobra.Command, name string, short bool) error {
	shown := "--" + name
	if short {
		shown = "-" + name
	}
	suggestion := cmd.CommandPath() + " --help lists them"
	if before := cmd.Flags().Args(); pathOf(cmd) == "run" && len(before) > 0 {
		suggestion = fmt.Sprintf("if it is a part of the script: that comes after --, as in: %s -- %s …", cmd.CommandPath(), before[0])
	} else if text, ok := flagHint(cmd, name); ok {
		suggestion = text
	} else if guess, ok := config.BestMatch(name, flagNames(cmd)); ok && !short {
		suggestion = fmt.Sprintf("did you mean --%s?", guess)
	}
	return fmt.Errorf("unknown flag: %s; %s", shown, suggestion)
}

var unknownAtRoot = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^unknown command "([^"]+)" for "muster"$`) })

// explainCommandError adds a suggestion to the error of an unknown command. cobra returns that error before it parses flags, and
// takes a command after an unknown flag for the flag's value.
func explainCommandError(root *cobra.Command, args []string, err error) error {
	m := unknownAtRoot().FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	for _, arg := range args {
		name, isFlag := strings.CutPrefix(arg, "--")
		name, _, _ = strings.Cut(name, "=")
		if isFlag && name != "" && root.Flag(name) == nil {
			return unknownFlag(root, name, false)
		}
		if arg == m[1] || arg == "--" {
			break
		}
	}
	return unknownCommand(root, m[1])
}

// unknownCommand returns the error of an unknown subcommand.
func unknownCommand(cmd *cobra.Command, word string) error {
	var known []string
	for _, below := range cmd.Commands() {
		if !below.Hidden {
			known = append(append(known, below.Name()), below.Aliases...)
		}
	}
	if text, ok := commandHint(cmd, word); ok {
		return usagef("unknown command %q for %q; %s", word, cmd.CommandPath(), text)
	}
	return usagef("unknown command %q for %q%s", word, cmd.CommandPath(), config.DidYouMean(word, known))
}

// suggestRegion returns a suggestion for an unknown region, if that caused the error.
func (p *printer) suggestRegion(err error) string {
	refused, ok := errors.AsType[*assist.Error](err)
	if ok && !strings.HasPrefix(refused.Code, "InvalidRegionId") {
		return ""
	}
	known, unknown := lab.Regions(), p.unknownRegions()
	for _, region := range unknown {
		if guess, ok := config.BestMatch(region, known); ok {
			return fmt.Sprintf("did you mean the region %s?", guess)
		}
	}
	if len(unknown) == 0 || refused != nil { // the advice about its code covers it
		return ""
	}
	return fmt.Sprintf("the regions most similar to %s are %s", unknown[0], strings.Join(config.MostSimilar(unknown[0], known, maxSimilar), ", "))
}

// isUnknownRegion reports whether a host name cannot be resolved because its region does not exist: as far as this version knows,
// or, if the lookup itself failed, because it resembles a known one.
func (p *printer) isUnknownRegion(err error) bool {
	lookup, ok := errors.AsType[*net.DNSError](err)
	if !ok || p.config == nil || p.config.Endpoint != "" {
		return false
	}
	return slices.ContainsFunc(p.unknownRegions(), func(region string) bool {
		_, near := config.BestMatch(region, lab.Regions())
		return near || lookup.IsNotFound && strings.Contains(lookup.Name, region)
	})
}

// suggestSelection returns a suggestion for a part of a selection that matches nothing or is invalid.
func suggestSelection(err error) string {
	guess := func(word string, known []string) string {
		return strings.TrimPrefix(config.DidYouMean(word, known), "; ")
	}
	if unmatched, ok := errors.AsType[*target.UnmatchedError](err); ok {
		first := unmatched.All[0]
		if suggestion := guess(first.Word, first.Known); suggestion != "" || len(first.Known) == 0 {
			return suggestion
		}
		nearest, _ := config.Nearest(first.Word, first.Known)
		return fmt.Sprintf("the most similar is %q", nearest)
	}
	if syntax, ok := errors.AsType[*target.SyntaxError](err); ok {
		return guess(syntax.Text, syntax.Known)
	}
	if where, ok := errors.AsType[*target.WhereError](err); ok {
		return guess(where.Word, where.Known)
	}
	if group, ok := errors.AsType[*target.GroupError](err); ok {
		return guess(group.Name, group.Known)
	}
	if flag, ok := errors.AsType[*target.UnknownFlagError](err); ok {
		return guess(flag.Flag, flag.Known)
	}
	return ""
}
