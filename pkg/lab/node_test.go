//go:build unix

package lab

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// TestNodeSDK runs a scenario of typical use in testdata/node against a lab, over HTTP and HTTPS, with the official typed SDK for
// Node and the official core client, and the snippets for them in docs/lab.md.
func TestNodeSDK(t *testing.T) {
	if testing.Short() {
		t.Skip("installs packages")
	}
	dir := installNodeSDK(t)
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("tls=%t", secure), func(t *testing.T) { runNodeScenario(t, dir, secure) })
	}
	t.Run("snippets", func(t *testing.T) { runNodeSnippets(t, dir) })
}

func runNodeScenario(t *testing.T, dir string, secure bool) {
	const id, secret = "LABNODE", "a+b/c="
	b := open(t, newLab(t, Options{
		Instances: NumberedInstances(60), AccessKeyId: id, AccessKeySecret: secret, TLS: secure,
		Faults: []Fault{{Action: "ListTagResources", Code: "Throttling", Times: 3}},
	}))
	stsID, stsSecret, stsToken := issued(t, b.lab)

	out, err := inDir(t, dir, []string{
		"LAB_URL=" + b.url, "LAB_REGION=" + b.lab.Region(), "NODE_EXTRA_CA_CERTS=" + b.ca,
		"LAB_STS_ACCESS_KEY_ID=" + stsID, "LAB_STS_ACCESS_KEY_SECRET=" + stsSecret, "LAB_STS_TOKEN=" + stsToken,
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + secret, "ALIBABA_CLOUD_SECURITY_TOKEN=",
	}, "node", "scenario.mjs")
	t.Logf("%s", out)
	if err != nil {
		t.Error("node scenario.mjs:", err)
	}

	for name, want := range map[string]string{"/opt/v3/greeting.txt": "a+b & c=d\n你好 ~*%\n", "/opt/binary/four": "\x00\x01\xfe\xff"} {
		got, err := b.lab.ReadFile(nth(5), name)
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
}

// unreachable matches npm's errors when it cannot reach a registry.
var unreachable = regexp.MustCompile(
	`npm error code (E(AI_AGAIN|CONN\w+|HOSTUNREACH|NETUNREACH|NOTCACHED|NOTFOUND|TIMEDOUT)|ERR_SOCKET_TIMEOUT)`)

// installNodeSDK returns a directory with the scenario and the packages of its lock file. The test is skipped if Node is not
// installed, and, except in CI, if no registry can be reached.
func installNodeSDK(t *testing.T) (dir string) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("not installed:", tool)
		}
	}
	dir = t.TempDir()
	files, err := filepath.Glob("testdata/node/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := inDir(t, dir, nil, "npm", "ci", "--prefer-offline")
	switch {
	case err == nil:
		return dir
	case os.Getenv("CI") == "" && unreachable.Match(out):
		t.Skipf("npm ci: cannot reach a registry: %s", out)
	}
	t.Fatalf("npm ci: %v\n%s", err, out)
	return ""
}

// inDir runs a program in a directory, and returns its stdout and stderr.
func inDir(t *testing.T, dir string, environment []string, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), environment...)
	cmd.WaitDelay = 10 * time.Second // for child processes that outlive it
	return cmd.CombinedOutput()
}
