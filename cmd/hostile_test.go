//go:build unix

package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist/hostile"
	"muster/pkg/term"
)

var hostileAll = flag.Bool("hostile.all", false, "have TestHostileService try every way to misbehave with every action")

// TestHostileService runs commands against a service that misbehaves. Each ends by itself, with a documented exit code, with one
// whole document or none on stdout, and with short lines of JSON on stderr that are harmless on a terminal.
func TestHostileService(t *testing.T) {
	machine, _ := startedLab(t, 3)
	id, secret := machine.Key()
	home := t.TempDir()
	var group errgroup.Group
	group.SetLimit(4)
	tried := 0
	for i, way := range hostile.Cases() {
		for j, action := range hostile.Actions() {
			if !*hostileAll && (i%len(hostile.Actions()) != j || way.Slow || raceEnabled && i%4 != 0) {
				continue
			}
			tried++
			group.Go(func() error {
				server := httptest.NewServer(hostile.Handler(machine, action, way))
				defer server.Close()
				env := []string{
					"HOME=" + home, "MUSTER_REGION=" + labRegion, "MUSTER_ENDPOINT=" + strings.TrimPrefix(server.URL, "http://"), "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
					"ALIBABA_CLOUD_ACCESS_KEY_ID=" + id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + secret,
					"MUSTER_READ_TIMEOUT=2s", testPatience + "=500ms", testElapsed + "=700ms",
				}
				if err := hostileRun(t.Context(), env, secret); err != nil {
					t.Errorf("%s: %s: %v", action, way.Name, err)
				}
				return nil
			})
		}
	}
	_ = group.Wait()
	t.Logf("%d commands", tried)
}

func hostileRun(ctx context.Context, env []string, secret string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "muster", "run", "-i", "i-lab00001,i-lab00002", "-o", "json", "--wait-timeout", "8s", "--", "echo hi")
	command.Env = append(command.Environ(), env...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if ctx.Err() != nil {
		return errors.New("it does not end")
	}
	code := command.ProcessState.ExitCode()
	if !slices.ContainsFunc(exitTable(), func(row exitStatus) bool { return row.Code == code }) {
		return fmt.Errorf("exit code %d: %w: %.500s", code, err, stderr.String())
	}
	if stdout.Len() > 0 && !json.Valid(stdout.Bytes()) {
		return fmt.Errorf("no document: %.300q", stdout.String())
	}
	if settled := code == exitDone || code == exitUnsuccess; settled && stdout.Len() == 0 || !settled && stderr.Len() == 0 {
		return fmt.Errorf("exit code %d without a word", code)
	}
	for line := range strings.Lines(stderr.String()) {
		if len(line) > 8<<10 || !json.Valid([]byte(line)) {
			return fmt.Errorf("a line of %d bytes on stderr: %.300q", len(line), line)
		}
	}
	both := stdout.String() + stderr.String()
	if strings.Contains(both, secret) || strings.ContainsFunc(both, term.Hidden) {
		return fmt.Errorf("a secret or a control character: %.300q", both)
	}
	return nil
}
