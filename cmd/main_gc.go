package cmd

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// roomyHeap is the size of the heap, in bytes, that is reached before the garbage collector runs, if less than half of it is live.
	roomyHeap = 20 << 20
	// leastGrowth and mostGrowth bound the growth from the live heap, in percent.
	leastGrowth = 50
	mostGrowth  = 400
	// firstGrowth is the initial growth. With a heap of 4 MB, most commands end before the collector runs.
	firstGrowth = 200
	// usualGrowth is Go's default, for heaps of hugeHeap and more: those of labs, where throughput matters more than memory.
	usualGrowth = 100
	hugeHeap    = 192 << 20
)

// tuneGC sets how much the heap may grow after each garbage collection, depending on what is live. A small heap is collected less
// often, to save time. A large heap does not double, to save memory. It replaces GOGC, and does nothing if GOGC or GOMEMLIMIT is
// set.
func tuneGC(getenv func(string) string) {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return
	}
	tuneAfterNextGC()
	debug.SetGCPercent(firstGrowth)
}

type collected struct{ _ *byte }

// tuneAfterNextGC allocates an unreachable marker. Its cleanup runs after the next collection, and allocates the next marker.
func tuneAfterNextGC() {
	runtime.AddCleanup(new(collected), func(struct{}) {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		debug.SetGCPercent(gcPercent(sample[0].Value.Uint64()))
		tuneAfterNextGC()
	}, struct{}{})
}

// gcPercent returns how much the heap may grow, in percent, if so many bytes are live.
func gcPercent(live uint64) int {
	switch {
	case live >= hugeHeap:
		return usualGrowth
	case live >= roomyHeap:
		return leastGrowth
	}
	return int(min(max((roomyHeap-live)*100/max(live, 1), leastGrowth), mostGrowth))
}
