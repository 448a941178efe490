package agentstest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Official is an official agent, unmodified, on this machine. It has a root directory of its own, and stand-ins for the programs with which
// it would act on the machine: registering would restart the machine's own agent, and some exit codes of scripts shut the machine down.
type Official struct {
	binary string
	env    []string
}

// InstallOfficial installs the agent whose aliyun-service is at a path in a root directory, for a server at host:port with a certificate in
// PEM that the agent must trust.
func InstallOfficial(path, root, server string, certificate []byte) (*Official, error) {
	for _, dir := range []string{"agent", "bin", "tmp"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil { //nolint:gosec // as installers do
			return nil, err
		}
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"aliyun-service", "shutdown", "systemctl", "service"} {
		if err := os.WriteFile(filepath.Join(root, "bin", name), []byte("#!/bin/sh\n"), 0o755); err != nil { //nolint:gosec // it is executed
			return nil, err
		}
	}
	o := &Official{binary: filepath.Join(root, "agent", "aliyun-service")}
	if err := os.WriteFile(o.binary, program, 0o755); err != nil { //nolint:gosec // it is executed
		return nil, err
	}
	ca := filepath.Join(root, "ca.pem")
	if err := os.WriteFile(ca, certificate, 0o600); err != nil {
		return nil, err
	}
	o.env = []string{
		"PATH=" + filepath.Join(root, "bin") + ":" + os.Getenv("PATH"), "TMPDIR=" + filepath.Join(root, "tmp"), "HOME=" + root,
		"ALIYUN_ASSIST_SERVER_HOST=" + server, "ALIYUN_ASSIST_CERT_PATH=" + ca,
	}
	return o, nil
}

// Run runs the agent with flags, such as --register, and returns what it prints.
func (o *Official) Run(ctx context.Context, flags ...string) ([]byte, error) {
	return o.command(ctx, flags...).CombinedOutput()
}

// Register registers the host and returns the id of its instance. The agent's exit code does not say whether that worked.
func (o *Official) Register(ctx context.Context, flags ...string) (instanceID string, err error) {
	output, err := o.Run(ctx, append([]string{"--register"}, flags...)...)
	if err != nil || !bytes.Contains(output, []byte("register ok")) {
		return "", fmt.Errorf("the agent did not register: %w: %s", err, output)
	}
	_, rest, _ := strings.Cut(string(output), "instance id: ")
	words := strings.Fields(rest)
	if len(words) == 0 {
		return "", fmt.Errorf("the agent printed no instance id: %s", output)
	}
	return words[0], nil
}

// Start starts the agent in the foreground. kill kills it, and leaves its scripts running.
func (o *Official) Start() (kill func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	c := o.command(ctx)
	c.WaitDelay = 5 * time.Second // its scripts may keep its output open
	if err := c.Start(); err != nil {
		cancel()
		return nil, err
	}
	return func() {
		cancel()
		_ = c.Wait()
	}, nil
}

func (o *Official) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, o.binary, args...)
	c.Dir, c.Env = filepath.Dir(o.binary), o.env
	return c
}
