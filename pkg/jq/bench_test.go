package jq

import (
	"strings"
	"testing"

	"github.com/itchyny/gojq"
)

// BenchmarkGsub compares gsub on an output of maximum size with gojq's own.
func BenchmarkGsub(b *testing.B) {
	text := strings.Repeat("word  and ", 2400) + "\n"
	for _, filter := range []string{`gsub("\\s+"; " ")`, `gsub("[ \n]+$"; "")`, `[match("."; "g")] | length`, `test("x$")`} {
		program, err := Parse(filter, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run("muster/"+filter, func(b *testing.B) {
			for b.Loop() {
				for range program.Run(b.Context(), text) {
				}
			}
		})
		query, err := gojq.Parse(filter)
		if err != nil {
			b.Fatal(err)
		}
		code, err := gojq.Compile(query)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("gojq/"+filter, func(b *testing.B) {
			for b.Loop() {
				code.Run(text).Next()
			}
		})
	}
}
