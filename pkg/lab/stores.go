package lab

import (
	"sync/atomic"

	"muster/pkg/lab/keep"
)

// stores are the stores of several regions. Ids of invocations are unique across regions.
type stores []*store

// fileStores are the stores of files of several regions.
type fileStores []*fileStore

// of returns the store that has an invocation, or the first one.
func (all stores) of(invokeID string) *store {
	for _, s := range all[1:] {
		if s.entry(invokeID) != nil {
			return s
		}
	}
	return all[0]
}

// change is like [store.change].
func (all stores) change(ref taskRef, f func(*task) bool) bool {
	return all.of(ref.invokeID).change(ref, f)
}

// task is like [store.task].
func (all stores) task(ref taskRef) *task { return all.of(ref.invokeID).task(ref) }

// noteOutput is like [store.noteOutput].
func (all stores) noteOutput(ref taskRef, run int64, output []byte) {
	all.of(ref.invokeID).noteOutput(ref, run, output)
}

// nextRun returns the number of a new run. Call it only in the function passed to change.
func (all stores) nextRun() uint64 { return all[0].nextRun() }

// unfinishedOn is like [store.unfinishedOn].
func (all stores) unfinishedOn(instanceID string) []taskRef {
	var refs []taskRef
	for _, s := range all {
		refs = append(refs, unfinishedOn(s, instanceID)...)
	}
	return refs
}

// storage returns the storage that all stores have.
func (all stores) storage() keep.Storage { return all[0].storage }

// in returns the store of a region, which is empty for the first one, or nil.
func (all stores) in(region string) *store {
	for _, s := range all {
		if s.region == region {
			return s
		}
	}
	return nil
}

// in returns the store of a region, which is empty for the first one, or nil.
func (all fileStores) in(region string) *fileStore {
	for _, s := range all {
		if s.region == region {
			return s
		}
	}
	return nil
}

// counters count the records of all regions.
type counters struct{ records, runs, files, activations atomic.Uint64 }

// last returns the last numbers of what a reset drops.
func (c *counters) last() sequences {
	return sequences{c.records.Load(), c.runs.Load(), c.files.Load()}
}

// reach raises a number that is less than n to n. It must not be called concurrently with itself.
func reach(number *atomic.Uint64, n uint64) { number.Store(max(number.Load(), n)) }
