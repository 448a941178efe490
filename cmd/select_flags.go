package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"muster/pkg/target"
)

// selectorFlags select instances. A command has all or some of them.
type selectorFlags struct {
	values         map[string]*[]string // by flag; without the flags that a command does not have
	files          []string
	managed        bool
	allowUnmatched bool
}

// addTerms adds the flags that name instances.
func (f *selectorFlags) addTerms(flags *pflag.FlagSet) {
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		f.add(flags, "instance", "i", "`INSTANCES`: choose instances by ids, names, globs such as 'web-*', sets such as 'web-[001-004]', or @group; repeat it, or separate them by commas or blanks")
		addValues(flags, &f.files, "instances-file", "I", "`FILE`: choose the instances in this file, which may have # comments; - is stdin")
		f.add(flags, "exclude", "", "`INSTANCES`: leave out these instances, written as for --instance")
		flags.BoolVar(&f.allowUnmatched, "allow-unmatched", false, "continue if a part of the selection matches no instance")
	})
}

// addConditions adds the flags that narrow the selection.
func (f *selectorFlags) addConditions(flags *pflag.FlagSet) {
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		f.add(flags, "tag", "t", "`TAG`: choose instances with a tag: KEY=VALUE, KEY, KEY!=VALUE, !KEY or KEY=GLOB; several must all match")
		for _, attribute := range target.Attributes() {
			f.add(flags, attribute.Flag, "", attribute.Usage)
		}
		f.add(flags, "where", "", "`EXPRESSION`: choose instances whose record makes this jq expression true, such as '.Memory >= 8192 and .Tags.role == \"web\"'")
		flags.BoolVar(&f.managed, "managed", false, "choose managed instances (hosts outside ECS) instead of ECS instances")
	})
}

func (f *selectorFlags) add(flags *pflag.FlagSet, name, shorthand, usage string) {
	if f.values == nil {
		f.values = map[string]*[]string{}
	}
	f.values[name] = new([]string)
	addValues(flags, f.values[name], name, shorthand, usage)
}

// given returns the values of a flag; none if the command does not have it.
func (f *selectorFlags) given(name string) []string {
	if values := f.values[name]; values != nil {
		return *values
	}
	return nil
}

// none reports whether no flag selects instances.
func (f *selectorFlags) none() bool {
	for _, values := range f.values {
		if len(*values) > 0 {
			return false
		}
	}
	return len(f.files) == 0 && !f.managed
}

// selector reads the flags. stdinTaken reports that stdin is used already.
func (f *selectorFlags) selector(ctx context.Context, fd *finder, stdinTaken bool) (target.Selector, error) {
	s := target.Selector{Managed: f.managed}
	for _, name := range append(target.Flags(), "name") {
		for _, text := range f.given(name) {
			if !utf8.ValidString(text) {
				return s, &target.SyntaxError{From: typedFlag(name), Text: text, Want: "text in UTF-8"}
			}
			words := target.Words{Text: text, From: typedFlag(name), Warn: name == "exclude" && fd.fromSettings[name]}
			if err := s.Add(name, words); err != nil {
				return s, err
			}
		}
	}
	for _, name := range f.files {
		if name == "-" && stdinTaken {
			return s, usagef("stdin cannot be both the script and the list of instances")
		}
		terms, err := fd.readTerms(ctx, name)
		if err != nil {
			return s, err
		}
		s.Terms = append(s.Terms, terms...)
	}
	return s, fd.groups().Check(s)
}

// typedFlag returns a flag in its most common form.
func typedFlag(flag string) string {
	switch flag {
	case "instance":
		return "-i"
	case "tag":
		return "-t"
	}
	return "--" + flag
}

func (rd *reader) readTerms(ctx context.Context, name string) ([]target.Term, error) {
	if name == "" {
		return nil, &target.EmptyError{From: "-I"}
	}
	input, err := rd.openInput(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Close() }()
	return termsOf(input, name)
}

// readTermsFile reads the terms in a group's file. It must be a regular file, since it is read whenever the group is used.
func readTermsFile(path string) ([]target.Term, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, usagef("%s is not a regular file, as the file of a group has to be", path)
	}
	file, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return termsOf(file, path)
}

func termsOf(input io.Reader, name string) ([]target.Term, error) {
	terms, err := target.ReadTerms(input, name)
	if empty, ok := errors.AsType[*target.EmptyError](err); ok {
		return nil, usagef("%s names no instance", empty.From)
	}
	return terms, err
}
