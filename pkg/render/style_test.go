package render

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/term"
)

func coloured() term.Painter {
	force := func(name string) string { return map[string]string{"CLICOLOR_FORCE": "1"}[name] }
	return term.New(nil, nil, nil, force).OutPainter()
}

// TestTableColumns has cells that are wider, and narrower, than their length in characters.
func TestTableColumns(t *testing.T) {
	paint := coloured()
	rows := [][]string{
		{"日本語", "two  spaces", "x"}, {"a", paint.Good("success!"), " lead"}, {"🚀", cell(""), ""}, {"a long one", "", "y"},
	}
	const want = `A           B            C
日本語      two  spaces  x
a           success!      lead
🚀          -
a long one               y
`
	var b strings.Builder
	if err := writeTable(&b, Style{Paint: paint}, narrowing{}, []string{"A", "B", "C"}, slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	header := paint.Bold("A           B            C") + "\n"
	if !strings.HasPrefix(got, header) || !strings.Contains(got, "\x1b[32msuccess!\x1b[0m") {
		t.Errorf("%q", got)
	}
	for _, escape := range []string{"\x1b[1m", "\x1b[32m", "\x1b[0m"} {
		got = strings.ReplaceAll(got, escape, "")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTableWithoutRows(t *testing.T) {
	var b strings.Builder
	if err := writeTable(&b, Style{}, narrowing{}, []string{"A", "B"}, slices.Values([][]string{})); err != nil || b.String() != "A  B\n" {
		t.Errorf("%v: %q", err, b.String())
	}
}

// full is a disk that accepts a number of writes.
type full int

func (f *full) Write(text []byte) (int, error) {
	if *f--; *f < 0 {
		return 0, errFull
	}
	return len(text), nil
}

var errFull = errors.New("no space left")

func TestTableReturnsWriteErrors(t *testing.T) {
	rows := slices.Values(slices.Repeat([][]string{{"a"}}, 10))
	for left := range full(11) {
		if err := writeTable(&left, Style{}, narrowing{}, []string{"A"}, rows); !errors.Is(err, errFull) {
			t.Errorf("%v after %d lines", err, left)
		}
	}
	all := full(11)
	if err := writeTable(&all, Style{}, narrowing{}, []string{"A"}, rows); err != nil {
		t.Error(err)
	}
}
