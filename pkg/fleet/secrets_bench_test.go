package fleet

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkMask masks an output of the largest size that the service keeps.
func BenchmarkMask(b *testing.B) {
	var output strings.Builder
	for n := 0; output.Len() < 24<<10; n++ {
		fmt.Fprintf(&output, "2026-03-01T10:%02d:%02d INFO worker %d processed batch %08x in %d ms\n", n/60%60, n%60, n%7, n*2654435761, n%91)
	}
	var key strings.Builder
	key.WriteString("-----BEGIN KEY-----\n")
	for n := range 26 {
		key.WriteString(strings.Repeat(fmt.Sprintf("%08x", (n+1)*2654435761), 8)[:64] + "\n")
	}
	for _, bench := range []struct{ name, secret string }{
		{"word", "correct-horse"}, {"escaped", "s3\"cr et/&"}, {"short", "pw1"}, {"key", key.String()},
	} {
		b.Run(bench.name, func(b *testing.B) {
			secrets := NewSecrets(bench.secret)
			text := output.String()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				secrets.Mask(text)
			}
		})
		b.Run(bench.name+" cut", func(b *testing.B) {
			secrets := NewSecrets(bench.secret)
			text := output.String()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				secrets.maskCut(text)
			}
		})
	}
}
