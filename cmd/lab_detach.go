package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"muster/pkg/term"
)

const (
	detachFlag = "detach"
	// detachedFlag is the hidden flag of the process that --detach starts.
	detachedFlag = "detached"
)

// labLogName is the name of the file with the stderr of detached labs.
const labLogName = "lab.log"

// detachedLab is the document that a detached lab writes to its stdout once it answers calls.
type detachedLab struct {
	*labDocument
	Reachable bool // labDocument.Found
}

// detachLab starts the lab in a process of its own, and returns when it answers calls. If it ends before that, detachLab prints its
// errors, and returns its exit code.
func detachLab(ctx context.Context, a *app, o *labOptions) error {
	stderr, err := openLabLog(o)
	if err != nil {
		return fmt.Errorf("open the log of the lab: %w", err)
	}
	defer func() { _ = stderr.file.Close() }()
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program of the lab: %w", err)
	}
	command := exec.Command(program, detachedArgs(a.flags, a.fromSettings)...) //nolint:noctx // it outlives the context
	command.Env = a.environ()
	if o.account.secret != "" {
		command.Env = append(command.Env, labSecretVariable()+"="+o.account.secret)
	}
	if o.fleetFile == "-" {
		command.Stdin = a.streams.In
	}
	command.Stderr = stderr.file
	inOwnSession(command)
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return fmt.Errorf("start the lab: %w", err)
	}
	unwatch := context.AfterFunc(ctx, func() { _ = command.Process.Kill() })
	document := detachedLab{labDocument: new(labDocument)}
	err = json.NewDecoder(out).Decode(&document)
	if interrupted := !unwatch(); err != nil || interrupted {
		return errors.Join(stderr.withdraw(a.streams), failedStart(ctx, command, err))
	}
	if err := stderr.copyTo(a.streams); err != nil {
		return err
	}
	document.Found, document.Log = document.Reachable, stderr.file.Name()
	return errors.Join(a.print(document.labDocument), command.Process.Release())
}

// failedStart waits for a lab that has ended too early, and returns the error for its exit code.
func failedStart(ctx context.Context, command *exec.Cmd, why error) error {
	err := command.Wait()
	exit, isExit := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case isExit && exit.ExitCode() > 0:
		return &outcomeError{exit.ExitCode()}
	}
	return errors.Join(fmt.Errorf("start the lab: %w", why), err)
}

// detachedArgs returns the arguments of the process of a detached lab: the flags that were typed. The secret is passed in the
// environment, which other users cannot read.
func detachedArgs(flags *pflag.FlagSet, fromSettings map[string]bool) []string {
	args := []string{labCommand, "--" + detachedFlag, "--" + detachFlag + "=false"}
	flags.Visit(func(f *pflag.Flag) {
		if fromSettings[f.Name] || slices.Contains([]string{detachFlag, detachedFlag, accessKeySecretFlag}, f.Name) {
			return
		}
		for _, value := range flagValues(f) {
			args = append(args, "--"+f.Name+"="+value)
		}
	})
	return args
}

// labLog is the log of a detached lab: what it writes to stderr.
type labLog struct {
	file  *os.File
	start int64    // its size before the lab
	made  []string // what is new: the file, and its directory
}

// openLabLog opens lab.log in the data directory, or in the default one if the lab stores nothing. Labs append to it.
func openLabLog(o *labOptions) (*labLog, error) {
	dir := o.data
	if dir == "" {
		var err error
		if dir, err = labDir(); err != nil {
			return nil, usagef("%w: a detached lab needs a directory for its log: give --data", err)
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	stderr, path := new(labLog), filepath.Join(dir, labLogName)
	for _, name := range []string{path, dir} {
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			stderr.made = append(stderr.made, name)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if stderr.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	info, err := stderr.file.Stat()
	if err != nil {
		return nil, errors.Join(err, stderr.file.Close())
	}
	stderr.start = info.Size()
	return stderr, nil
}

// copyTo prints what the lab has written to its log so far, such as warnings and errors.
func (l *labLog) copyTo(streams *term.Streams) error {
	_, err := io.Copy(streams.Err, io.NewSectionReader(l.file, l.start, 1<<20))
	return err
}

// withdraw prints what a lab that did not start has written to its log, and removes the log if it is new.
func (l *labLog) withdraw(streams *term.Streams) error {
	err := l.copyTo(streams)
	for _, name := range l.made {
		_ = os.Remove(name) // a directory stays if the lab has stored something
	}
	return err
}
