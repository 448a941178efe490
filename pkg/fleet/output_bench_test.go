package fleet

import (
	"strings"
	"testing"
)

func BenchmarkOutputKey(b *testing.B) {
	output := Output(strings.Repeat("x", 24<<10))
	b.SetBytes(int64(len(output)))
	b.ReportAllocs()
	for b.Loop() {
		_ = output.Key()
	}
}
