//go:build unix

package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/hinshun/vt10x"
)

// screenOf returns the final lines of a terminal with 24 rows that shows the output.
func screenOf(output string, columns int) []string {
	played := vt10x.New(vt10x.WithSize(columns, 24))
	_, _ = io.WriteString(played, output)
	lines := strings.Split(strings.TrimRight(played.String(), " \n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// fits checks that no line is wider than the screen, and that the end of the output, from a line on, is on the screen.
func fits(t *testing.T, output string, columns int, from, last string) {
	t.Helper()
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		if got := (displaywidth.Options{ControlSequences: true}).String(line); got > columns {
			t.Errorf("%d columns on a screen of %d: %s", got, columns, line)
		}
	}
	lines := screenOf(output, columns)
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, from) }) || !strings.HasPrefix(lines[len(lines)-1], last) {
		t.Errorf("on a screen of %d columns is\n%s", columns, strings.Join(lines, "\n"))
	}
}

const someFail = "{duration: 1ms, exit: {0: 95%, 1: 3%, 137: 2%}, seed: 3}"

func TestRunTableFitsScreen(t *testing.T) {
	for n, header := range map[int]string{20: "INSTANCE ", 500: "COUNT ", 20_000: "COUNT "} {
		home := []string{"HOME=" + t.TempDir(), "TERM=dumb"}
		sum := fmt.Sprintf("%d instances: ", n)
		output := onTerminal(t, 80, home, "run", fmt.Sprint("--lab=", n), "--simulate", someFail, "--", "true")
		fits(t, output, 80, header, sum)
		for _, columns := range []int{60, 200} {
			fits(t, onTerminal(t, uint16(columns), home, "runs", "show", "last"), columns, header, sum)
		}
		fits(t, onTerminal(t, 80, home, "runs", "show", "last", "--only", "exit"), 80, "", sum)
		fits(t, onTerminal(t, 80, home, "runs"), 80, "RUN ", "2")
	}
}

func TestFailuresPrecedeSummary(t *testing.T) {
	lines := screenOf(onTerminal(t, 80, nil, "run", "--lab=500", "--simulate", someFail, "--", "true"), 80)
	end := len(lines) - 1
	for end > 0 && !strings.HasPrefix(lines[end], "500 instances: ") {
		end--
	}
	above := strings.Join(lines[:end], "\n")
	success, exit := strings.Index(above, "success  0"), strings.Index(above, "exit     1")
	if success < 0 || exit < success {
		t.Errorf("on the screen is\n%s", strings.Join(lines, "\n"))
	}
}

// TestHintsFollowTable makes a run that can be rerun: with the hints about it, twenty rows do not fit the screen.
func TestHintsFollowTable(t *testing.T) {
	_, env := servedLab(t, 20)
	env = append(env, "TERM=dumb")
	output := onTerminal(t, 80, env, "run", "--all", "--", "[ $(hostname) != lab-007 ]")
	if strings.Count(output, "lab-007") != 2 || !strings.Contains(output, "COUNT") {
		t.Errorf("the names of failed instances should be only in a heading and in the table: %s", output)
	}
	if lines := screenOf(output, 80); !strings.HasPrefix(lines[len(lines)-3], "20 instances: ") || !strings.HasSuffix(output, ": muster runs rerun last --only exit\r\n") {
		t.Errorf("the last lines are %q", lines)
	}
	if output := onTerminal(t, 80, env, "run", "-i", "lab-[001-010]", "--", "true"); !strings.Contains(output, "INSTANCE") || strings.Contains(output, "muster:") {
		t.Errorf("got %s", output)
	}
}

func TestInstancesFitScreen(t *testing.T) {
	for n, header := range map[string]string{"20": "INSTANCE ", "500": "COUNT "} {
		for _, columns := range []int{60, 80, 200} {
			fits(t, onTerminal(t, uint16(columns), []string{"TERM=dumb"}, "instances", "--lab="+n), columns, header, "")
		}
	}
}

func TestLongListsUsePager(t *testing.T) {
	pager := "PAGER=sed 's/^/| /'"
	list := []string{"instances", "--lab=30", "-o", "wide"}
	for name, test := range map[string]struct {
		env   []string
		args  []string
		paged bool
	}{
		"long":         {[]string{pager}, list, true},
		"another":      {[]string{"PAGER=cat", "MUSTER_" + pager}, list, true},
		"short":        {[]string{pager}, []string{"instances", "--lab=5"}, false},
		"none":         {[]string{pager, "MUSTER_PAGER="}, list, false},
		"refused":      {[]string{pager}, append([]string{"--no-pager"}, list...), false},
		"CI":           {[]string{pager, "CI=true"}, list, false},
		"dumb":         {[]string{pager, "TERM=dumb"}, list, false},
		"long as JSON": {[]string{pager}, []string{"instances", "--lab=5", "-o", "json"}, true},
	} {
		args := slices.Clone(test.args)
		if args[0] == "--no-pager" {
			args = append(args[1:], args[0])
		}
		if output := onTerminal(t, 80, test.env, args...); strings.Contains(output, "| ") != test.paged || strings.Contains(output, "warning") || !strings.Contains(output, "i-lab00005") {
			t.Errorf("%s: %s", name, output)
		}
	}
	if output := onTerminal(t, 80, []string{"PAGER=no-such-pager"}, list...); !strings.Contains(output, "i-lab00030") || !strings.Contains(output, "no-such-pager is not installed") {
		t.Errorf("without the pager: %s", output)
	}
}

func TestPagerQuitAndInterrupt(t *testing.T) {
	list := []string{"instances", "--lab=2000", "-o", "wide"}
	u := sitDown(t, []string{"PAGER=head -n 2"}, "muster", list...)
	if code := u.leaves(); code != 0 {
		t.Errorf("exit code %d: %s", code, u.screen.String())
	}
	u = sitDown(t, []string{"PAGER=trap 'echo interrupted' INT; read answer </dev/tty; echo $answer; read answer </dev/tty; echo left"}, "muster", list...)
	u.types("one\r")
	u.waits("one\r\n")
	u.waits("one\r\n")
	u.types(ctrlC)
	u.waits("interrupted")
	u.types("\r")
	if code := u.leaves(); code != 0 {
		t.Errorf("exit code %d: %s", code, u.screen.String())
	}
	u.sees("left")
}
