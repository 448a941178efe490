//go:build unix

package cmd

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"muster/pkg/assist"
)

// lines returns the lines on the user's screen, and those that have scrolled off.
func (u *sitter) lines() []string {
	played := vt10x.New(vt10x.WithSize(100, 1000))
	_, _ = io.WriteString(played, u.screen.String())
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(played.String(), " \n"), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// waitingScript waits for the test, and then fails.
func waitingScript(t *testing.T) (script string, letGo func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "go")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return "read go <" + path + "; exit 3", func() {
		t.Helper()
		if err := os.WriteFile(path, []byte("go\n"), 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLiveDisplayIsReplacedByTable(t *testing.T) {
	script, letGo := waitingScript(t)
	u := sitDown(t, nil, "muster", "run", "--lab=3", "--", "[ $(hostname) = lab-001 ] && exit 7; [ $(hostname) = lab-002 ] && exit 0; "+script)
	u.waits("[=x>] 2/3  1 success  1 exit  ")
	u.waits("1 running; longest: lab-003 ")
	u.waits("failed last: lab-001 exit 7")
	u.types("\r")
	u.waits("1 running: lab-003\r\n")
	letGo()
	if code := u.leaves(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	lines := u.lines()
	if !strings.HasPrefix(lines[0], "1 running: lab-003") || !strings.HasSuffix(lines[1], "  lab-003  i-lab00003") || !strings.HasPrefix(lines[2], "==> ") {
		t.Errorf("who is running, and then the report, want to be all there is: %q", lines)
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "3 instances: 1 success, 2 exit in ") {
		t.Errorf("the last line is %q", last)
	}
}

func TestLiveDisplayFollowsTerminalSize(t *testing.T) {
	script, letGo := waitingScript(t)
	u := sitDown(t, nil, "muster", "run", "--lab=1", "--", script)
	u.waits("[>] 0/1  ")
	u.waits("1 running; longest: lab-001 ")
	if err := pty.Setsize(u.terminal, &pty.Winsize{Rows: 40, Cols: 16}); err != nil {
		t.Fatal(err)
	}
	u.waits("  1 running\x1b[K")
	letGo()
	if code := u.leaves(); code != 3 {
		t.Errorf("exit code %d", code)
	}
}

func TestWatchShowsLiveDisplay(t *testing.T) {
	machine, env := servedLab(t, 1)
	script, letGo := waitingScript(t)
	client, err := clientOf(machine, strings.TrimPrefix(env[0], "ALIBABA_CLOUD_ENDPOINT="))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.RunCommand(t.Context(), &assist.RunCommandRequest{
		RegionId: labRegion, Type: "RunShellScript", CommandContent: script, InstanceId: []string{"i-lab00001"},
	})
	if err != nil {
		t.Fatal(err)
	}
	u := sitDown(t, env, "muster", "watch", answer.InvokeId)
	u.waits("[>] 0/1  ")
	u.types("\r")
	u.waits("1 running: lab-001\r\n")
	letGo()
	if code := u.leaves(); code != 3 {
		t.Errorf("exit code %d", code)
	}
}

// TestStoppedProcessRestoresTerminal types Ctrl-Z, and continues the process from the shell.
func TestStoppedProcessRestoresTerminal(t *testing.T) {
	script, letGo := waitingScript(t)
	u := sitDown(t, nil, "sh", "-c", "set -m; muster run --lab=1 -- '"+script+"'; echo stopped: $?; fg >/dev/null; exit $?")
	u.waits("1 running; longest: lab-001 ")
	u.types("\x1a")
	u.waits("stopped: 147\r\n")
	before := u.screen.String()
	if hidden, shown := strings.LastIndex(before, "\x1b[?25l"), strings.LastIndex(before, "\x1b[?25h"); hidden > shown {
		t.Errorf("the cursor is hidden: %q", before)
	}
	u.waits("[>] 0/1  ")
	letGo()
	if code := u.leaves(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	for _, line := range u.lines()[:2] {
		if strings.Contains(line, "0/1") {
			t.Errorf("a frame is left behind: %q", u.lines())
		}
	}
}

// TestBackgroundProcessDoesNotUseTerminal runs muster in a background process group: it shows nothing, and does not read what is typed.
func TestBackgroundProcessDoesNotUseTerminal(t *testing.T) {
	script, letGo := waitingScript(t)
	u := sitDown(t, nil, "sh", "-c", "set -m; muster run --lab=1 -- '"+script+"' & read line; echo read: $line; wait $!; exit $?")
	u.types("for the shell\r")
	u.waits("read: for the shell\r\n")
	letGo()
	if code := u.leaves(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	u.sees("1 instance: 1 exit in ")
	if seen := u.screen.String(); strings.Contains(seen, "0/1") || strings.Contains(seen, "\x1b") {
		t.Errorf("it draws in the background: %q", seen)
	}
}

func TestCIHasNoLiveDisplay(t *testing.T) {
	screen := onTerminal(t, 80, []string{"CI=true"}, "run", "--lab=2", "--", "sleep 1")
	if strings.Contains(screen, "0/2") || strings.Contains(screen, "\x1b[?25l") {
		t.Errorf("it draws: %q", screen)
	}
	if screen := onTerminal(t, 80, []string{"CI=true"}, "run", "--lab=2", "--waves", "1", "--confirm", "--", "true"); !strings.Contains(screen, "there is no one to ask") {
		t.Errorf("a question was asked: %q", screen)
	}
}
