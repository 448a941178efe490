package journal

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls do with the numbers below n, in as many goroutines as there are processors, until one of the calls returns
// false.
func inParallel(n int, do func(i int) bool) {
	var next atomic.Int64
	var stop atomic.Bool
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !stop.Load(); i = int(next.Add(1)) - 1 {
				if !do(i) {
					stop.Store(true)
				}
			}
		})
	}
	workers.Wait()
}
