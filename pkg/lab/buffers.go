package lab

import (
	"sync"

	"muster/pkg/assist"
)

// rooms lends what answers are put together in. A page of invocations can have thousands of instances, which are garbage as
// soon as it is sent, and in a lab of 100,000 instances it is garbage that takes the time.
type buffers struct{ empty sync.Pool }

// lend gives room for n instances, with whatever was there before, for as long as the line is in use.
func (r *buffers) borrow(n int, while *reply) []assist.InvokeInstance {
	room, _ := r.empty.Get().(*[]assist.InvokeInstance)
	if room == nil || cap(*room) < n {
		made := make([]assist.InvokeInstance, n)
		room = &made
	}
	while.used = append(while.used, func() { r.empty.Put(room) })
	return (*room)[:n]
}
