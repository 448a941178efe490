//go:build unix

package lab

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"muster/pkg/assist"
)

func fill(s *store, n int, name string) {
	for i := range n {
		inv := &invocation{
			InvokeId: fmt.Sprint(name, i), Created: time.Now(),
			Command: &command{CommandId: fmt.Sprint("c-", name, i), Name: name},
		}
		if err := s.addInvocation(inv, []string{"i-1", "i-2"}, false); err != nil {
			panic(err)
		}
	}
}

func TestTerminalStatesAreSticky(t *testing.T) {
	s := newStore()
	fill(s, 1, "x")
	ref := taskRef{"x0", 1}
	set := func(status assist.Status) bool {
		return s.change(ref, func(t *task) bool { t.Status = status; return true })
	}
	before, _ := s.invocation("x0")
	if !set(assist.StatusRunning) || !set(assist.StatusCancelled) || set(assist.StatusSuccess) || set(assist.StatusRunning) {
		t.Error("wrong changes")
	}
	if got := s.task(ref).Status; got != assist.StatusCancelled {
		t.Error(got)
	}
	if before.Tasks[1].Status != assist.StatusPending {
		t.Error("a record changed after it was read")
	}
	if s.change(taskRef{"x0", 0}, func(t *task) bool { t.Status = assist.StatusRunning; return false }) || s.task(taskRef{"x0", 0}).Status != assist.StatusPending {
		t.Error("changed against its will")
	}
}

func TestShortestList(t *testing.T) {
	s := newStore()
	fill(s, 100, "many")
	fill(s, 3, "few")
	fill(s, 100, "more")
	if n := len(s.shortest(1<<40, []indexKey{{byInstanceID, "i-1"}, {byCommandName, "few"}})); n != 3 {
		t.Errorf("looked at %d", n)
	}
	if n := len(s.shortest(1<<40, []indexKey{{byCommandName, "none"}})); n != 0 {
		t.Errorf("looked at %d", n)
	}
	var got []uint64
	for r := range s.newest(103, indexKey{byCommandName, "few"}) {
		got = append(got, r.sequence)
	}
	if !slices.Equal(got, []uint64{102, 101}) {
		t.Error(got)
	}
}

func TestCommandQuota(t *testing.T) {
	s := newStore()
	for i := range maxCommands {
		if err := s.saveCommand(&command{CommandId: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	wantRefused(t, s.saveCommand(&command{CommandId: "one more"}), "403 CmdCount.ExceedQuota")
	if err := s.deleteCommand("0"); err != nil {
		t.Error(err)
	}
	if err := s.saveCommand(&command{CommandId: "one more"}); err != nil {
		t.Error(err)
	}
}

func TestStoreTogether(t *testing.T) {
	s := newStore()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { fill(s, 200, fmt.Sprint("w", i, "-")) })
		wg.Go(func() {
			for j := range 100 {
				id := fmt.Sprint("c", i, "-", j)
				if s.saveCommand(&command{CommandId: id}) != nil || s.deleteCommand(id) != nil {
					t.Error("not saved and deleted")
				}
			}
		})
		wg.Go(func() {
			for range 50 {
				last := uint64(1 << 40)
				for r := range s.newest(last) {
					if r.sequence >= last {
						t.Error("out of order")
					}
					last = r.sequence
				}
				for c := range s.newestCommands(1 << 40) {
					_ = c.Invoked
				}
			}
		})
	}
	wg.Wait()
	n := 0
	for range s.newest(1 << 40) {
		n++
	}
	if n != 800 {
		t.Errorf("%d invocations", n)
	}
}

// BenchmarkDescribeByName looks for 20 invocations among few and many others: the cost must be the same.
func BenchmarkDescribeByName(b *testing.B) {
	for _, others := range []int{100, 10_000} {
		b.Run(fmt.Sprint(others), func(b *testing.B) {
			s := newStore()
			fill(s, 20, "mine")
			fill(s, others, "other")
			filter := invocationFilter{CommandName: "mine"}
			for b.Loop() {
				n := 0
				for range filter.find(s, 1<<40) {
					n++
				}
				if n != 20 {
					b.Fatal(n)
				}
			}
		})
	}
}
