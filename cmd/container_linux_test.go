package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"muster/pkg/sleep"
)

// TestLabImage runs what deploy/lab/Dockerfile describes without a container engine: its files in a chroot, its entry point with the
// keys of compose.yaml, its health check, and a run, over HTTP and HTTPS.
func TestLabImage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds muster")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can use chroot")
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("there is no busybox")
	}
	text, err := os.ReadFile(filepath.Join("..", "deploy", "lab", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	image := &labImage{t: t, root: t.TempDir(), port: freePort(t), dockerfile: string(text)}
	image.copyFile(busybox, "bin/busybox")
	if err := exec.CommandContext(t.Context(), filepath.Join(image.root, "bin/busybox"), "true").Run(); err != nil {
		t.Skip("busybox:", err)
	}
	if out, err := image.command(t.Context(), "/bin/busybox", "true").CombinedOutput(); err != nil {
		t.Skipf("chroot: busybox is not static, or chroot is not allowed: %v, %s", err, out)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(image.root, "bin/muster"), "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	// An engine provides /dev.
	if err := os.MkdirAll(filepath.Join(image.root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(image.root, "dev/null"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, argv := range image.instructions("RUN") {
		image.run(argv...)
	}

	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("tls=%t", secure), func(t *testing.T) {
			image.t, image.secure = t, secure
			image.serve()
		})
	}
}

// serve starts the lab, waits until it is healthy, and runs a script on its instances.
func (i *labImage) serve() {
	t := i.t
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	machine := i.command(ctx, append(i.instructions("ENTRYPOINT")[0], "--instances", "2", "--allow-host", "lab", fmt.Sprintf("--tls=%t", i.secure))...)
	machine.Env = append(machine.Env, "MUSTER_LAB_ACCESS_KEY_ID=LABCI", "MUSTER_LAB_ACCESS_KEY_SECRET=not-a-secret")
	machine.Cancel = func() error { return machine.Process.Signal(syscall.SIGTERM) }
	machine.WaitDelay = 10 * time.Second
	var said strings.Builder
	machine.Stdout, machine.Stderr = &said, &said
	if err := machine.Start(); err != nil {
		t.Fatal(err)
	}
	check := i.instructions(`HEALTHCHECK .* CMD`)[0]
	for n := 0; i.command(ctx, check...).Run() != nil; n++ {
		if n == 300 {
			t.Error("the lab does not become healthy")
			break
		}
		_ = sleep.For(ctx, 50*time.Millisecond)
	}
	out := i.run("/bin/muster", "run", "--all", "-o", "json", "--", "echo hello from $(hostname) | tr a-z A-Z")
	var report struct{ Instances []struct{ Output string } }
	if err := json.Unmarshal(out, &report); err != nil || len(report.Instances) != 2 || report.Instances[0].Output != "HELLO FROM LAB-001\n" {
		t.Errorf("%v: %s", err, out)
	}
	cancel()
	if err := machine.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("the lab: %v\n%s", err, said.String())
	}
}

// labImage is the image of deploy/lab/Dockerfile, as files in a directory.
type labImage struct {
	t          *testing.T
	root       string
	port       string // instead of 8080
	secure     bool   // it serves HTTPS
	dockerfile string
}

// instructions returns the arguments of the Dockerfile's instructions that are arrays of strings, with the port replaced.
func (i *labImage) instructions(name string) [][]string {
	i.t.Helper()
	var all [][]string
	for _, match := range regexp.MustCompile(`(?m)^`+name+` (\[.*\])$`).FindAllStringSubmatch(i.dockerfile, -1) {
		var argv []string
		if err := json.Unmarshal([]byte(strings.ReplaceAll(match[1], "8080", i.port)), &argv); err != nil {
			i.t.Fatal(err)
		}
		all = append(all, argv)
	}
	if len(all) == 0 {
		i.t.Fatalf("the Dockerfile has no %s", name)
	}
	return all
}

// command returns a command in the image, with the environment of the image and of compose.yaml's client.
func (i *labImage) command(ctx context.Context, argv ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Chroot: i.root}
	link := "http://127.0.0.1:" + i.port
	if i.secure {
		link = "https://127.0.0.1:" + i.port
	}
	cmd.Env = []string{
		"PATH=/bin", "HOME=/root", "ALIBABA_CLOUD_ENDPOINT=127.0.0.1:" + i.port, "ALIBABA_CLOUD_ENDPOINT_URL=" + link,
		"ALIBABA_CLOUD_ACCESS_KEY_ID=LABCI", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=not-a-secret", "ALIBABA_CLOUD_REGION_ID=cn-hangzhou",
		"SSL_CERT_FILE=/data/ca.pem",
	}
	return cmd
}

// run runs a command in the image, and returns its stdout.
func (i *labImage) run(argv ...string) []byte {
	i.t.Helper()
	cmd := i.command(i.t.Context(), argv...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		i.t.Fatalf("%q: %v\n%s%s", argv, err, out, stderr.String())
	}
	return out
}

func (i *labImage) copyFile(from, to string) {
	i.t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		to = filepath.Join(i.root, to)
		err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, text, 0o755))
	}
	if err != nil {
		i.t.Fatal(err)
	}
}

// freePort returns a port that nothing listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}
