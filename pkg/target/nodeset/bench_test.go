package nodeset

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

const benchNames = 100_000

// shapes returns names as fleets may have them.
func shapes() map[string][]string {
	all := map[string]func(i int) string{
		"one-family":   func(i int) string { return fmt.Sprintf("web-%06d", i) },
		"gaps":         func(i int) string { return fmt.Sprintf("web-%d", 2*i) },
		"100-families": func(i int) string { return fmt.Sprintf("app%c%c-%04d", 'a'+i/10000, 'a'+i/1000%10, i%1000) },
		"two-numbers":  func(i int) string { return fmt.Sprintf("rack%d-node%03d", i/250, i%250) },
		"no-family":    func(i int) string { return fmt.Sprintf("i-%016x", uint64(i)*0x9e3779b97f4a7c15) },
	}
	names := map[string][]string{}
	for shape, name := range all {
		for i := range benchNames {
			names[shape] = append(names[shape], name(i))
		}
	}
	shuffled := append([]string(nil), names["two-numbers"]...)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	names["shuffled"] = shuffled
	return names
}

func BenchmarkFold(b *testing.B) {
	for shape, names := range shapes() {
		b.Run(shape, func(b *testing.B) { fold100k(b, names) })
	}
}

// BenchmarkFoldFile folds the lines of the file MUSTER_BENCH_NAMES.
func BenchmarkFoldFile(b *testing.B) {
	path := os.Getenv("MUSTER_BENCH_NAMES")
	if path == "" {
		b.Skip("MUSTER_BENCH_NAMES is not set")
	}
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	var names []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		names = append(names, lines.Text())
	}
	fold100k(b, names)
}

func fold100k(b *testing.B, names []string) {
	b.ReportAllocs()
	for b.Loop() {
		Fold(names)
	}
}

func BenchmarkParse(b *testing.B) {
	for shape, names := range shapes() {
		line := Fold(names)
		b.Run(shape, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fields, err := Split(line)
				if err != nil {
					b.Fatal(err)
				}
				total := 0
				for _, field := range fields {
					word, err := Parse(field.Text)
					if err != nil {
						b.Fatal(err)
					}
					total += len(word.Names())
				}
				if total != benchNames {
					b.Fatal(total)
				}
			}
		})
	}
}
