//go:build unix

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGoSDK runs the scenario in testdata/go, and the program in docs/lab.md, with the Go SDK of the first generation.
func TestGoSDK(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads packages")
	}
	programs := guideSnippets(t, "go")
	if len(programs) != 1 {
		t.Fatalf("the guide has %d snippets for Go", len(programs))
	}
	dir := buildGoPrograms(t, programs[0])
	runSnippet(t, dir, "lab-001", "./snippet")
	runSnippet(t, dir, "passed", "./scenario")
}

// runNodeSnippets runs the programs for Node, in a directory with their packages.
func runNodeSnippets(t *testing.T, dir string) {
	scripts := guideSnippets(t, "js")
	if len(scripts) != 2 {
		t.Fatalf("the guide has %d snippets for Node", len(scripts))
	}
	for i, script := range scripts {
		name := fmt.Sprintf("snippet%d.mjs", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		runSnippet(t, dir, "lab-001", "node", name)
	}
}

// guideSnippets returns the programs in docs/lab.md for other clients that are in a language.
func guideSnippets(t *testing.T, language string) (all []string) {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "lab.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(guide), "\n## Other clients\n")
	section, _, _ = strings.Cut(section, "\n### ")
	for {
		_, rest, found := strings.Cut(section, "```"+language+"\n")
		if !found {
			return all
		}
		snippet, after, _ := strings.Cut(rest, "```\n")
		all, section = append(all, snippet), after
	}
}

// runSnippet runs a program in a directory over HTTP and HTTPS, with the variables that muster lab env exports, and looks for a text
// in its output.
func runSnippet(t *testing.T, dir, want, name string, args ...string) {
	for _, secure := range []bool{false, true} {
		b := open(t, newLab(t, Options{Instances: NumberedInstances(2), TLS: secure}))
		id, secret := b.lab.Key()
		out, err := inDir(t, dir, []string{
			"ALIBABA_CLOUD_ENDPOINT=" + b.host, "ALIBABA_CLOUD_ENDPOINT_URL=" + b.url, "ALIBABA_CLOUD_REGION_ID=" + b.lab.Region(),
			"ALIBABA_CLOUD_ACCESS_KEY_ID=" + id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + secret, "ALIBABA_CLOUD_SECURITY_TOKEN=",
			"NODE_EXTRA_CA_CERTS=" + b.ca, "SSL_CERT_FILE=" + b.bundle,
		}, name, args...)
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s %s, tls=%t: %v\n%s", name, args, secure, err, out)
		}
	}
}

// goProgram is a program around a snippet, which declares answer.
const goProgram = `package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
)

func run() error {
	%s
	if err == nil {
		fmt.Println(answer.Instances.Instance[0].InstanceName)
	}
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
`

// noModule matches errors of the go command when it cannot reach a module proxy.
var noModule = regexp.MustCompile(`dial tcp|lookup |i/o timeout|TLS handshake timeout|connection re(set|fused)|module lookup disabled|unexpected EOF|50[0-9] `)

// buildGoPrograms returns a directory with the program scenario, and the program snippet, which runs a snippet. The test is skipped if
// the go command is not installed, and, except in CI, if the SDK cannot be downloaded.
func buildGoPrograms(t *testing.T, snippet string) (dir string) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("not installed: go")
	}
	dir = t.TempDir()
	source := filepath.Join(dir, "source")
	if err := os.CopyFS(source, os.DirFS(filepath.Join("testdata", "go"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(source, "snippet"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(source, "snippet", "main.go"), fmt.Appendf(nil, goProgram, snippet), 0o600); err != nil {
		t.Fatal(err)
	}
	environment := []string{"GOWORK=off", "GOFLAGS=-mod=readonly"}
	if out, err := inDir(t, source, environment, "go", "mod", "download", "github.com/aliyun/alibaba-cloud-sdk-go"); err != nil {
		if os.Getenv("CI") == "" && noModule.Match(out) {
			t.Skipf("go mod download: cannot reach a module proxy: %s", out)
		}
		t.Fatalf("go mod download: %v\n%s", err, out)
	}
	if out, err := inDir(t, source, environment, "go", "build", "-o", dir, "./..."); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}
