package cmd

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// roomyHeap is how large the heap may become before the garbage collector runs, in bytes, where less than half of it lives.
	roomyHeap = 20 << 20
	// leastGrowth and mostGrowth are by how many percent it may grow from what lives.
	leastGrowth = 50
	mostGrowth  = 400
	// firstGrowth is where the collector begins, with a heap of 4 MB: most commands end before it runs.
	firstGrowth = 200
	// usualGrowth is Go's own, for a heap of hugeHeap and more: that is a lab's, whose calls count for more than its memory.
	usualGrowth = 100
	hugeHeap    = 192 << 20
)

// tuneGC sets how much the heap may grow after each garbage collection, by what is alive: a small heap is not collected
// often, which costs time, and a large one does not become twice as large, which costs memory. It replaces what GOGC does, and
// leaves it alone where somebody has set that.
func tuneGC(getenv func(string) string) {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return
	}
	tuneAfterNextGC()
	debug.SetGCPercent(firstGrowth)
}

type collected struct{ _ *byte }

// tuneAfterNextGC has a mark that the next collection finds dead, and that is made again after each.
func tuneAfterNextGC() {
	runtime.AddCleanup(new(collected), func(struct{}) {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		debug.SetGCPercent(gcPercent(sample[0].Value.Uint64()))
		tuneAfterNextGC()
	}, struct{}{})
}

// gcPercent returns by how many percent the heap may grow when so many bytes of it live.
func gcPercent(live uint64) int {
	switch {
	case live >= hugeHeap:
		return usualGrowth
	case live >= roomyHeap:
		return leastGrowth
	}
	return int(min(max((roomyHeap-live)*100/max(live, 1), leastGrowth), mostGrowth))
}
