//go:build linux

package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// TestReboot kills muster and the lab together, like a machine that crashes, and resumes the run on a restarted lab. Every script
// runs at most once, and an interrupted one is reported as such.
func TestReboot(t *testing.T) {
	rounds := 16
	if testing.Short() || raceEnabled {
		rounds = 4
	}
	var group errgroup.Group
	group.SetLimit(chaosAtOnce)
	for seed := range rounds {
		group.Go(func() error {
			if err := reboot(t, uint64(seed)); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			return nil
		})
	}
	_ = group.Wait()
}

// rebootScript appends a line to a file in the instance's home, and takes some time.
const rebootScript = `echo ran >> ran; sleep 0.2; echo "$(hostname)"`

func reboot(t *testing.T, seed uint64) (err error) {
	dice := rand.New(rand.NewPCG(seed, 2))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	const instances = 6
	l := &chaosLab{dir: dir, env: append(os.Environ(), "HOME="+dir, "XDG_STATE_HOME="+dir, "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true")}
	endLab, err := l.serve(ctx, "--instances", strconv.Itoa(instances))
	if err != nil {
		return err
	}
	// The lab and muster are killed in either order.
	after := time.Duration(50+dice.IntN(700)) * time.Millisecond
	gone := make(chan error, 1)
	timer := time.AfterFunc(after, func() { gone <- endLab(os.Kill) })
	defer timer.Stop()
	args := []string{"-p", "lab", "run", "--all", "-o", "json", "-q", "--batch-run", "2", "--waves", "2,100%", "--", rebootScript}
	first, err := l.muster(ctx, l.env, os.Kill, after+time.Duration(dice.IntN(30)-15)*time.Millisecond, args...)
	if err := errors.Join(err, <-gone); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, "muster", "lab", "connection.json")); err != nil {
		return err
	}
	endLab, err = l.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endLab(os.Interrupt)) }()
	last := first
	if first.code < 0 && journalIn(dir) != "" {
		if last, err = l.muster(ctx, l.env, nil, 0, "runs", "resume", "last", "-o", "json"); err != nil {
			return err
		}
	}
	return l.checkReboot(last, instances)
}

// serve starts a lab in a process of its own, and returns a function that ends it.
func (l *chaosLab) serve(ctx context.Context, args ...string) (end func(os.Signal) error, err error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "muster", append([]string{"lab", "--quiet"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stderr = l.dir, l.env, &stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		if _, err := os.Stat(filepath.Join(l.dir, "muster", "lab", "connection.json")); err == nil {
			tick.Stop()
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("the lab does not serve: %s", &stderr), cmd.Wait())
		}
	}
	return func(signal os.Signal) error {
		err := cmd.Process.Signal(signal)
		_ = cmd.Wait() // its error reports the signal
		return err
	}, nil
}

func (l *chaosLab) checkReboot(last ended, instances int) error {
	ran := map[string]int{}
	for i := range instances {
		id := fmt.Sprintf("i-lab%05d", i+1)
		text, _ := os.ReadFile(filepath.Join(l.dir, "muster", "lab", "instances", id, "rootfs", "root", "ran"))
		if ran[id] = bytes.Count(text, []byte("\n")); ran[id] > 1 {
			return fmt.Errorf("%s ran it %d times", id, ran[id])
		}
	}
	if last.stdout == "" { // it was interrupted before it began
		for id, n := range ran {
			if n > 0 {
				return fmt.Errorf("%s ran it, and muster ended with %d and said: %s", id, last.code, last.stderr)
			}
		}
		return nil
	}
	document, err := new(chaos).document(last.stdout)
	if err != nil {
		return err
	}
	var report chaosReport
	if err := convert(document, &report); err != nil {
		return err
	}
	if len(report.Instances) != instances {
		return fmt.Errorf("%d instances are reported, want %d", len(report.Instances), instances)
	}
	for _, one := range report.Instances {
		cutOff := one.Cause == "error" && one.ErrorCode == "ExecutionInterrupted"
		if !cutOff && (one.Cause != "success" || ran[one.InstanceId] != 1) {
			return fmt.Errorf("it ran %d times on an instance that is reported as %+v", ran[one.InstanceId], one)
		}
	}
	return nil
}
