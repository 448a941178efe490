//go:build unix

package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
)

// BenchmarkDump dumps a lab of 1,000 instances and 1,000 invocations on 50 of them each, and starts another with the dump.
func BenchmarkDump(b *testing.B) {
	l, err := New(Options{Instances: NumberedInstances(1000)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	now := time.Now()
	for i := range 1000 {
		c := &command{CommandId: fmt.Sprint("c-", i), Type: "RunShellScript", Content: []byte("uptime"), Timeout: 60}
		inv := &invocation{InvokeId: fmt.Sprint("t-", i), Command: c, RepeatMode: repeatOnce, Zone: time.Local, Timeout: 60, Instances: 50, Created: now.Add(-time.Hour)}
		var ids []string
		for n := range 50 {
			ids = append(ids, nth(1+(i+n)%1000))
		}
		if err := l.own.store.addInvocation(inv, ids, false); err != nil {
			b.Fatal(err)
		}
		for n := range ids {
			l.own.store.replace(taskRef{inv.InvokeId, n}, func(t *task) bool {
				t.startRun(l.own.store.nextRun())
				t.Started = now.Add(-time.Hour + time.Duration(n)*time.Millisecond)
				t.Finished, t.Updated, t.Status = t.Started.Add(time.Second), t.Started.Add(time.Second), assist.StatusSuccess
				t.Output = []byte(" 10:11:12 up 3 days\n")
				return true
			})
		}
	}
	b.Run("dump", func(b *testing.B) {
		for b.Loop() {
			dump(b, l)
		}
	})
	text, err := dump(b, l).Fleet.YAML()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("YAML", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			_, _ = dump(b, l).Fleet.YAML()
		}
	})
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			file, err := ReadFleet(strings.NewReader(text), "dump.yaml", "")
			if err != nil {
				b.Fatal(err)
			}
			again, err := New(Options{Region: file.Region, Instances: file.Instances, Preset: file.Preset})
			if err != nil {
				b.Fatal(err)
			}
			_ = again.Close()
		}
	})
}
