package fleet

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
	"muster/pkg/target"
)

// BenchmarkRun measures the engine's own work, with a service that answers at once and instances that end at once. B/target is
// the memory of the run's state after its events have been read from a journal.
func BenchmarkRun(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "events")
			for b.Loop() {
				benchmarkRun(b, n, nil)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/target")
			benchmarkRun(b, n, &path)
			before := heap()
			state := folded(b, path)
			b.ReportMetric(float64(heap()-before)/float64(n), "B/target")
			runtime.KeepAlive(state)
		})
	}
}

func benchmarkRun(b *testing.B, n int, path *string) {
	s := newService()
	s.takes = func(string) time.Duration { return 0 }
	engine := engineOn(s)
	if path != nil {
		file, err := os.Create(*path)
		if err != nil {
			b.Fatal(err)
		}
		defer file.Close()
		encoder := json.NewEncoder(file)
		engine.Sink = func(e Event, _ *State) {
			if err := encoder.Encode(e); err != nil {
				b.Error(err)
			}
		}
	}
	command := Command{Run: &assist.RunCommandRequest{Name: "run-1"}}
	cut := Cut{BatchSize: 50, Waves: []target.Share{{Percent: 1}, {Percent: 30}, {Percent: 40}}}
	plan := NewPlan("run-1", command, fleetOf(n), nil, cut)
	plan.MaxFailures = &Tolerance{Percent: 10}
	state, err := engine.Run(b.Context(), plan)
	if err != nil || !state.Succeeded() {
		b.Fatalf("err %v, counts %v", err, state.Counts())
	}
}

func folded(b *testing.B, path string) *State {
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	state := NewState()
	for decoder := json.NewDecoder(file); ; {
		var e Event
		if err := decoder.Decode(&e); err == io.EOF {
			return state
		} else if err != nil {
			b.Fatal(err)
		}
		state.Apply(e)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkOutputKey(b *testing.B) {
	output := Output(strings.Repeat("x", 24<<10))
	b.SetBytes(int64(len(output)))
	b.ReportAllocs()
	for b.Loop() {
		_ = output.Key()
	}
}
