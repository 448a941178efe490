//go:build unix

package runner

import (
	"context"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkRunEcho runs `echo hello`, 32 per processor at a time.
func BenchmarkRunEcho(b *testing.B) {
	dir := b.TempDir()
	r := New(filepath.Join(dir, "bin"))
	defer r.Close()
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := strconv.FormatInt(n.Add(1), 10)
			out := NewOutput(time.Now, Reporting{})
			o := r.Run(context.Background(), Script{
				Content: []byte("echo hello"), Path: filepath.Join(dir, i), Dir: dir, Home: dir, Hostname: "host-" + i, Timeout: time.Minute,
			}, out)
			if o.End != Exited || o.ExitCode != 0 || string(out.Bytes()) != "hello\n" {
				b.Errorf("%+v: %q", o, out.Bytes())
			}
		}
	})
}
