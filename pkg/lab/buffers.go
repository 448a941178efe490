package lab

import (
	"sync"

	"muster/pkg/assist"
)

// buffers pools the slices that DescribeInvocations builds its responses in. A page of invocations can have thousands of
// instances, which are garbage as soon as it has been sent. In a lab of 100,000 instances, collecting that garbage takes most of
// the time.
type buffers struct{ pool sync.Pool }

// borrow returns a slice of n instances with arbitrary content. It returns to the pool when the reply is released.
func (b *buffers) borrow(n int, until *reply) []assist.InvokeInstance {
	slice, _ := b.pool.Get().(*[]assist.InvokeInstance)
	if slice == nil || cap(*slice) < n {
		slice = new(make([]assist.InvokeInstance, n))
	}
	until.releases = append(until.releases, func() { b.pool.Put(slice) })
	return (*slice)[:n]
}
