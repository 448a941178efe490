package nodeset

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plainNames returns lists of up to 30 names each: members of families, and names of any characters.
func plainNames(random *rand.Rand, lists int) [][]string {
	pieces := []string{"web", "db-", "-", ".", "_", "a", "Z", "中", "é", "/", "-n", "x+y=z", "(b", "{c}", "~", "|", "$"}
	number := func() string {
		return fmt.Sprintf("%0*d", 1+random.IntN(4), random.IntN([]int{3, 12, 120, 1200}[random.IntN(4)]))
	}
	name := func(pieces []string) string {
		var name strings.Builder
		for i := range 1 + random.IntN(5) {
			switch rare := random.IntN(20); {
			case rare == 0:
				fmt.Fprintf(&name, "%c", rune(0x21+random.IntN(0x5e)))
			case rare == 1:
				fmt.Fprintf(&name, "%0*d", 10+random.IntN(12), random.IntN(5))
			case rare == 2:
				fmt.Fprint(&name, 999_999_999_999_999_990+random.IntN(20))
			case i%2 == 1:
				name.WriteString(number())
			default:
				name.WriteString(pieces[random.IntN(len(pieces))])
			}
		}
		return name.String()
	}
	all := make([][]string, lists)
	for i := range all {
		few := []string{pieces[random.IntN(len(pieces))], pieces[random.IntN(len(pieces))], ""}
		for range 1 + random.IntN(30) {
			if name := name(few); Plain(name) {
				all[i] = append(all[i], name)
			}
		}
		if len(all[i]) == 0 {
			all[i] = []string{"a"}
		}
	}
	return all
}

// clusterShell answers each line of input as nodeset -e or nodeset -f would, many in one process.
const clusterShell = `
import sys
from ClusterShell.NodeSet import NodeSet
for line in sys.stdin:
    how, text = line.rstrip("\n").split(" ", 1)
    if how == "expand":
        print(" ".join(NodeSet(text)))
    else:
        print(NodeSet.fromlist(text.split(" "), autostep=int(how) or None))
`

func askClusterShell(t *testing.T, lines []string) []string {
	t.Helper()
	if _, err := exec.LookPath("nodeset"); err != nil {
		t.Skip("nodeset is not installed")
	}
	if err := exec.Command("/usr/bin/python3", "-c", "import ClusterShell").Run(); err != nil {
		t.Skip("python3 has no ClusterShell")
	}
	command := exec.Command("/usr/bin/python3", "-X", "utf8", "-c", clusterShell)
	command.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	var problem strings.Builder
	command.Stderr = &problem
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &problem)
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(lines) {
		t.Fatalf("%d answers to %d lines", len(answers), len(lines))
	}
	return answers
}

func TestNodesetReadsWhatFoldWrites(t *testing.T) {
	lists := plainNames(rand.New(rand.NewPCG(1, 1)), 5000)
	var lines []string
	for _, names := range lists {
		lines = append(lines, "expand "+Fold(names))
	}
	for i, answer := range askClusterShell(t, lines) {
		if got, want := set(strings.Split(answer, " ")), set(lists[i]); !slices.Equal(got, want) {
			t.Errorf("nodeset reads %s as %q, want %q", lines[i], got, want)
		}
	}
}

func TestParseReadsWhatNodesetWrites(t *testing.T) {
	lists := plainNames(rand.New(rand.NewPCG(2, 2)), 5000)
	var lines []string
	long := regexp.MustCompile(fmt.Sprintf("[0-9]{%d}", maxDigits+1)) // literal for Parse, but nodeset folds it
	for i, names := range lists {
		names = append(slices.DeleteFunc(names, long.MatchString), "a")
		lists[i] = names
		lines = append(lines, fmt.Sprint([]int{0, 3}[i%2], " ", strings.Join(names, " ")))
	}
	for i, answer := range askClusterShell(t, lines) {
		fields, err := Split(answer)
		if err != nil {
			t.Errorf("%s: %v", answer, err)
		}
		var got []string
		for _, field := range fields {
			word, err := Parse(field.Text)
			if err != nil {
				t.Errorf("%s: %v", answer, err)
			}
			got = append(got, word.Names()...)
		}
		if got, want := set(got), set(lists[i]); !slices.Equal(got, want) {
			t.Errorf("%s is read as %q, want %q", answer, got, want)
		}
	}
}

func TestPdshReadsWhatFoldWrites(t *testing.T) {
	if _, err := exec.LookPath("pdsh"); err != nil {
		t.Skip("pdsh is not installed")
	}
	const most = 900 // characters of names per call, because pdsh truncates its output
	var folded, names []string
	length := 0
	ask := func() {
		list := strings.Join(folded, ",")
		out, err := exec.Command("pdsh", "-Q", "-R", "exec", "-w", list).CombinedOutput()
		if err != nil {
			t.Fatalf("pdsh -w %s: %v: %s", list, err, out)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		got, want := set(strings.Split(lines[len(lines)-1], ",")), set(names)
		if !slices.Equal(got, want) {
			t.Errorf("pdsh reads %s as %q, want %q", list, got, want)
		}
		folded, names, length = nil, nil, 0
	}
	for _, list := range plainNames(rand.New(rand.NewPCG(3, 3)), 3000) {
		size := len(strings.Join(list, ","))
		if length+size > most && length > 0 {
			ask()
		}
		folded, names, length = append(folded, Fold(list)), append(names, list...), length+size+1
	}
	ask()
}

func TestRangesThatAreReadInOneWayOnly(t *testing.T) {
	var lines, texts []string
	for _, low := range []string{"0", "1", "8", "00", "01", "08", "10", "098", "98", "001"} {
		for _, high := range []string{"8", "9", "09", "10", "12", "012", "100", "0100", "110"} {
			text := "n[" + low + "-" + high + "]"
			if _, err := Parse(text); err == nil {
				texts, lines = append(texts, text), append(lines, "expand "+text)
			}
		}
	}
	_, pdsh := exec.LookPath("pdsh")
	for i, answer := range askClusterShell(t, lines) {
		word, err := Parse(texts[i])
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(word.Names(), " "); got != answer {
			t.Errorf("%s is read as %s, by nodeset as %s", texts[i], got, answer)
		}
		if pdsh != nil {
			continue
		}
		out, err := exec.Command("pdsh", "-Q", "-R", "exec", "-w", texts[i]).Output()
		if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "\n"+strings.ReplaceAll(answer, " ", ",")) {
			t.Errorf("pdsh reads %s as %s, %v", texts[i], out, err)
		}
	}
}
