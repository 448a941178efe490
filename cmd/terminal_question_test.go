//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfirmAsksBeforeEachWave(t *testing.T) {
	u := sitDown(t, nil, "muster", "run", "--lab=4", "--waves", "1,1,2", "--confirm", "--", "echo hello; [ $(hostname) = lab-001 ]")
	u.waits("hello")
	u.waits("wave 1: 1 instance: 1 success")
	u.waits("send wave 2 of 3, to 1 instance? [y/N] ")
	u.types("Y\n")
	u.waits("wave 2: 1 instance: 1 exit")
	u.waits("send wave 3 of 3, to 2 instances? [y/N] ")
	u.types("\n")
	if code := u.leaves(); code != 6 {
		t.Errorf("exit code %d", code)
	}
	u.sees("4 instances: 1 success, 1 exit, 2 unsent")
}

func TestConfirmAsksAgainAfterInvalidAnswer(t *testing.T) {
	u := sitDown(t, nil, "muster", "run", "--lab=2", "--waves", "1", "--confirm", "--pause", "1500ms", "--", "true")
	u.waits("send wave 2 of 2, to 1 instance? [y/N] ")
	u.types("u\n")
	u.waits("send wave 2 of 2, to 1 instance? [y/N] ")
	u.types("yes\n")
	u.waits("next wave in ")
	if code := u.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	u.sees("2 instances: 2 success")
}

func TestConfirmDoesNotRepeatLines(t *testing.T) {
	u := sitDown(t, nil, "muster", "run", "--lab=2", "--waves", "1", "--confirm", "--follow", "--", "echo hello")
	u.waits("lab-001  hello\r\n")
	u.waits("send wave 2 of 2, to 1 instance? [y/N] ")
	u.types("y\n")
	u.waits("lab-002  hello\r\n")
	if code := u.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	u.sees("2 instances: 2 success")
	if screen := u.screen.String(); strings.Count(screen, "hello\r\n") != 2 || strings.Contains(screen, "==>") {
		t.Errorf("an output is shown twice: %q", screen)
	}
}

func TestEndOfInputDeclines(t *testing.T) {
	u := sitDown(t, nil, "muster", "run", "--lab=2", "--waves", "1", "--confirm", "--", "true")
	u.waits("[y/N] ")
	u.types(ctrlD)
	if code := u.leaves(); code != 6 {
		t.Errorf("exit code %d", code)
	}
	u.sees("1 success, 1 unsent")
}

func TestInterruptDuringConfirm(t *testing.T) {
	u := sitDown(t, nil, "muster", "run", "--lab=2", "--waves", "1", "--confirm", "--", "true")
	u.waits("[y/N] ")
	u.types(ctrlC)
	u.waits(choices)
	u.types("c\n")
	u.waits("send wave 2 of 2, to 1 instance? [y/N] ") // shown again where the menu was
	u.types(ctrlC)
	u.waits(choices)
	u.types("d\n")
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("done: 1: lab-001\r\n", "still running: 0\r\n", "never sent: 1: lab-002\r\n")
}

func TestResumeAsksBeforeRemainingWaves(t *testing.T) {
	machine, env := servedLab(t, 3)
	u := sitDown(t, env, "muster", "run", "--all", "--waves", "1", "--confirm", "--", "true")
	u.waits("send wave 2 of 3, to 1 instance? [y/N] ")
	u.types(ctrlC)
	u.waits(choices)
	u.types("d\n")
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	env = append(env, "XDG_STATE_HOME="+filepath.Join(u.home, ".local", "state"))
	back := sitDown(t, env, "muster", "runs", "resume", "last")
	back.waits("send wave 2 of 3, to 1 instance? [y/N] ")
	back.types("y\n")
	back.waits("send wave 3 of 3, to 1 instance? [y/N] ")
	back.types(ctrlC)
	back.waits(choices)
	back.types(ctrlC)
	if code := back.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	back.sees("done: 2: lab-[001-002]\r\n", "never sent: 1: lab-003\r\n", "come back with: muster runs resume ")
	last := sitDown(t, env, "muster", "runs", "resume", "last", "--yes")
	if code := last.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	last.sees("3 instances: 3 success")
	if n := len(machine.Executions()); n != 3 {
		t.Errorf("%d executions", n)
	}
}

func TestSecretIsAskedForWithoutEcho(t *testing.T) {
	const secret = "correct-horse"
	u := sitDown(t, nil, "muster", "run", "-v", "--lab=2", "--secret-param", "pw", "--", "echo got {{pw}}")
	u.waits("value of the parameter pw: ")
	u.types(secret + "\n")
	if code := u.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	u.sees("got ******", "2 success")
	if strings.Contains(u.screen.String(), secret) {
		t.Errorf("the screen has the secret: %q", u.screen.String())
	}
	journals, err := filepath.Glob(filepath.Join(u.home, ".local", "state", "muster", "runs", "*"))
	if err != nil || len(journals) != 1 {
		t.Fatalf("journals: %q, %v", journals, err)
	}
	if content, err := os.ReadFile(journals[0]); err != nil || strings.Contains(string(content), secret) {
		t.Errorf("the journal has the secret, or cannot be read: %v", err)
	}
}

func TestInterruptDuringSecretPrompt(t *testing.T) {
	u := sitDown(t, nil, "sh", "-c", "trap : INT; muster run --lab=2 --secret-param pw -- 'echo {{pw}}'; echo code $?; read line; echo end")
	u.waits("value of the parameter pw: ")
	u.types(ctrlC)
	u.waits("interrupted")
	u.waits("code 130")
	u.types("echoed\n")
	u.waits("echoed")
	u.leaves()
	u.leftNothing()
}

// TestIrreversibleAsks checks the question of commands that cannot be undone. Anything but yes ends them before any call.
func TestIrreversibleAsks(t *testing.T) {
	for answer, want := range map[string]int{"n\n": exitStopped, "\n": exitStopped, ctrlD: exitStopped, "yes\n": exitFailed} {
		u := sitDown(t, nil, "muster", "activation", "delete", "--lab=1", "none")
		u.waits("delete 1 activation? [y/N] ")
		u.types(answer)
		if code := u.leaves(); code != want {
			t.Errorf("%q: exit code %d, want %d", answer, code, want)
		}
	}
}
