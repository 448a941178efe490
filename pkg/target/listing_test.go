package target

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// region is a service whose instances are created, released and changed while they are listed, newest first. A token continues
// after the instance that it was issued for, at its current position.
type region struct {
	*directory
	latency time.Duration
	asked   func(number int, r *assist.DescribeInstancesRequest) error // called before each page; may be nil

	mu        sync.Mutex
	instances []assist.Instance
	pages     int
}

// populate returns a region with n instances in three zones, the newest of which was created an hour ago.
func populate(n int, name func(i int) string) *region {
	g := &region{directory: &directory{offline: map[string]bool{}}}
	for i := range n {
		g.instances = append(g.instances, assist.Instance{
			InstanceId: fmt.Sprintf("i-%06d", i), SerialNumber: serial(i), InstanceName: name(i), Status: "Running", OSType: "linux",
			ZoneId: "cn-x-" + string("abc"[i%3]), InstanceChargeType: "PostPaid",
			CreationTime: assist.FormatMinute(time.Now().Add(-time.Hour - time.Duration(i)*time.Minute)),
		})
	}
	return g
}

// serial returns what a token stands for: the position in the list. It leaves room for instances that are created meanwhile.
func serial(i int) string { return fmt.Sprintf("%06d", 1000+i) }

func numbered(i int) string { return fmt.Sprintf("web-%06d", i) }

func (g *region) change(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	do()
}

// page returns the instances of a page, and whether there is another page.
func (g *region) page(ctx context.Context, r *assist.DescribeInstancesRequest, after string) (page []assist.Instance, total int, more bool, err error) {
	if g.latency > 0 {
		select {
		case <-time.After(g.latency):
		case <-ctx.Done():
			return nil, 0, false, context.Cause(ctx)
		}
	}
	g.mu.Lock()
	g.pages++
	number := g.pages
	g.mu.Unlock()
	if g.asked != nil {
		if err := g.asked(number, r); err != nil {
			return nil, 0, false, err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, i := range g.instances {
		begin, end, _ := strings.Cut(r.InstanceName, "*")
		if !strings.HasPrefix(i.InstanceName, begin) || !strings.HasSuffix(i.InstanceName, end) || r.ZoneId != "" && r.ZoneId != i.ZoneId ||
			r.InstanceChargeType != "" && r.InstanceChargeType != i.InstanceChargeType || r.Status != "" && r.Status != i.Status || !hasTags(i.Tags.Tag, r.Tag) {
			continue
		}
		total++
		switch {
		case i.SerialNumber <= after:
		case len(page) == pageOfInstances:
			more = true
		default:
			page = append(page, i)
		}
	}
	return page, total, more, nil
}

func (g *region) AllInstances(ctx context.Context, r assist.DescribeInstancesRequest) iter.Seq2[assist.Instance, error] {
	return func(yield func(assist.Instance, error) bool) {
		after := ""
		for {
			page, _, more, err := g.page(ctx, &r, after)
			if err != nil {
				yield(assist.Instance{}, err)
				return
			}
			for _, i := range page {
				if !yield(i, nil) {
					return
				}
				after = i.SerialNumber
			}
			if !more {
				return
			}
		}
	}
}

func (g *region) AllInstanceSummaries(ctx context.Context, r assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return summariesOf(g.AllInstances(ctx, r))
}

func (g *region) CountInstances(ctx context.Context, r assist.DescribeInstancesRequest) (assist.InstanceCount, error) {
	at := time.Now()
	_, total, _, err := g.page(ctx, &r, "")
	return assist.InstanceCount{Total: total, At: at}, err
}

// listAll resolves all instances, and checks that none is listed twice.
func listAll(t *testing.T, g *region) *Found {
	t.Helper()
	r := &Resolver{Places: []Place{{API: g, RegionId: "cn-x"}}, PageSize: 50, Concurrency: 64}
	found, err := r.Resolve(t.Context(), Selector{All: true})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, id := range found.IDs() {
		if seen[id] {
			t.Errorf("%s is listed twice", id)
		}
		seen[id] = true
	}
	return found
}

// checkAll checks that all instances of the region are found in the region's order.
func checkAll(t *testing.T, g *region) {
	t.Helper()
	found := listAll(t, g).IDs()
	for i := range g.instances {
		if len(found) != len(g.instances) || found[i] != g.instances[i].InstanceId {
			t.Fatalf("%d of %d instances; number %d is not %s", len(found), len(g.instances), i, g.instances[i].InstanceId)
		}
	}
}

func TestLongListTakesFewRoundTrips(t *testing.T) {
	for name, test := range map[string]struct {
		n     int
		name  func(int) string
		trips int
		pages int
	}{
		"one page":            {100, numbered, 2, 2}, // the count is requested before it is known that there is no second page
		"two pages":           {200, numbered, 2, 3},
		"a thousand":          {1000, numbered, 4, 14},
		"ten thousand":        {10_000, numbered, 7, 125},
		"names of one kind":   {10_000, func(int) string { return "worker" }, 37, 106},
		"a bastion among all": {10_000, func(i int) string { return []string{numbered(i), "bastion"}[i/9_999] }, 42, 230},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := populate(test.n, test.name)
				g.latency = 200 * time.Millisecond
				began := time.Now()
				checkAll(t, g)
				if took := time.Since(began); took > time.Duration(test.trips)*g.latency || g.pages > test.pages {
					t.Errorf("%v, %d pages; want %d round trips and %d pages", took, g.pages, test.trips, test.pages)
				}
			})
		})
	}
}

// TestListThatCannotBePartitioned lists fleets that the parts do not cover, and checks that no instance is left out.
func TestListThatCannotBePartitioned(t *testing.T) {
	refused := &assist.Error{Action: "DescribeInstances", Code: "InvalidZoneId.NotFound", HTTPStatus: http.StatusNotFound}
	for name, prepare := range map[string]func(*region){
		"the first pages have one zone": func(g *region) {
			for i := range g.instances[:1000] {
				g.instances[i].ZoneId = "cn-x-a"
			}
		},
		"zones and parts of names are refused": func(g *region) {
			g.asked = func(_ int, r *assist.DescribeInstancesRequest) error {
				if r.ZoneId+r.InstanceName != "" {
					return refused
				}
				return nil
			}
		},
		"one zone is refused": func(g *region) {
			g.asked = func(_ int, r *assist.DescribeInstancesRequest) error {
				if r.ZoneId == "cn-x-b" {
					return refused
				}
				return nil
			}
		},
		"names without numbers": func(g *region) {
			for i := 500; i < 520; i++ {
				g.instances[i].InstanceName = "db-" + string(rune('a'+i-500))
			}
		},
		"no names": func(g *region) {
			for i := range g.instances {
				g.instances[i].InstanceName = ""
			}
		},
		"stars in names": func(g *region) {
			for i := range g.instances {
				g.instances[i].InstanceName += "*"
			}
		},
		"the oldest first": func(g *region) {
			slices.Reverse(g.instances)
			for i := range g.instances {
				g.instances[i].SerialNumber = serial(i)
			}
		},
		"no creation times": func(g *region) {
			for i := range g.instances {
				g.instances[i].CreationTime = ""
			}
		},
		"instances created a moment ago": func(g *region) { g.instances[0].CreationTime = assist.FormatMinute(time.Now()) },
	} {
		t.Run(name, func(t *testing.T) {
			g := populate(3000, numbered)
			prepare(g)
			checkAll(t, g)
		})
	}
}

// TestListWhileTheFleetChanges changes the fleet at each page, and checks that all instances that existed all the time are
// found.
func TestListWhileTheFleetChanges(t *testing.T) {
	for name, move := range map[string]func(g *region, number int){
		"a zone appears": func(g *region, number int) {
			i := assist.Instance{InstanceId: fmt.Sprintf("i-new%d", number), SerialNumber: serial(-number), InstanceName: "new", ZoneId: "cn-x-z", CreationTime: assist.FormatMinute(time.Now())}
			g.instances = slices.Insert(g.instances, 0, i)
		},
		"instances start and stop": func(g *region, number int) {
			for i := range g.instances {
				g.instances[i].Status = []string{"Running", "Stopped"}[(i+number)%2]
			}
		},
		"an instance is released": func(g *region, number int) {
			g.instances = slices.DeleteFunc(g.instances, func(i assist.Instance) bool { return i.InstanceId == fmt.Sprintf("i-gone%d", number) })
		},
		"instances are in two parts": func(g *region, number int) {
			for i := range g.instances {
				if i%7 == number%7 {
					g.instances[i].InstanceName = numbered((i + number) % 1000)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := populate(3000, numbered)
			var stay []string
			for i := range g.instances {
				stay = append(stay, g.instances[i].InstanceId)
				if i%100 == 50 {
					stay = stay[:len(stay)-1]
					g.instances[i].InstanceId = fmt.Sprintf("i-gone%d", i/100)
				}
			}
			g.asked = func(number int, _ *assist.DescribeInstancesRequest) error {
				g.change(func() { move(g, number) })
				return nil
			}
			found := map[string]bool{}
			for _, id := range listAll(t, g).IDs() {
				found[id] = true
			}
			for _, id := range stay {
				if !found[id] {
					t.Errorf("%s is missing", id)
				}
			}
		})
	}
}

// TestNoInstanceIsLeftOut lists fleets of any kind that change in any way, and checks that all instances that existed all the
// time are found once.
func TestNoInstanceIsLeftOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(250, 1500).Draw(rt, "instances")
		odd := rapid.IntRange(1, 400).Draw(rt, "one in so many has another name")
		g := populate(n, func(i int) string {
			if i%odd == odd-1 {
				return "odd" + strings.Repeat("x", i%3)
			}
			return numbered(i)
		})
		rare := rapid.IntRange(1, n).Draw(rt, "the last in another zone")
		for i := rare; i < n; i++ {
			g.instances[i].ZoneId = "cn-x-rare"
		}
		leaves := map[string]bool{}
		changes := rapid.SliceOfN(rapid.IntRange(0, 3*n), 0, 40).Draw(rt, "changes")
		for _, c := range changes {
			if c%3 == 0 {
				leaves[fmt.Sprintf("i-%06d", c/3%n)] = true
			}
		}
		var stay []string
		for i := range g.instances {
			if id := g.instances[i].InstanceId; !leaves[id] {
				stay = append(stay, id)
			}
		}
		g.asked = func(number int, _ *assist.DescribeInstancesRequest) error {
			if number > len(changes) {
				return nil
			}
			c := changes[number-1]
			g.change(func() {
				at := slices.IndexFunc(g.instances, func(i assist.Instance) bool { return i.InstanceId == fmt.Sprintf("i-%06d", c/3%n) })
				switch {
				case at < 0:
				case c%3 == 0:
					g.instances = slices.Delete(g.instances, at, at+1)
				case c%3 == 1:
					g.instances[at].InstanceName, g.instances[at].ZoneId = numbered(c), "cn-x-"+string("abcd"[c%4])
				default:
					fresh := assist.Instance{InstanceId: fmt.Sprintf("i-new%d", number), SerialNumber: serial(-number), InstanceName: numbered(c), ZoneId: "cn-x-a", CreationTime: assist.FormatMinute(time.Now())}
					g.instances = slices.Insert(g.instances, 0, fresh)
				}
			})
			return nil
		}
		found := map[string]bool{}
		for _, id := range listAll(t, g).IDs() {
			found[id] = true
		}
		for _, id := range stay {
			if !found[id] {
				rt.Fatalf("%s is missing", id)
			}
		}
	})
}

// miscounted is a region that reports a wrong count.
type miscounted struct {
	*region
	total int
}

func (m miscounted) CountInstances(context.Context, assist.DescribeInstancesRequest) (assist.InstanceCount, error) {
	return assist.InstanceCount{Total: m.total, At: time.Now()}, nil
}

// TestWrongCounts checks that the whole list is found, whatever count the service reports.
func TestWrongCounts(t *testing.T) {
	for _, total := range []int{0, 1, 301, 2999, 3001, maxCounted + 1, 1 << 40, 1<<63 - 1} {
		g := populate(3000, numbered)
		r := &Resolver{Places: []Place{{API: miscounted{g, total}, RegionId: "cn-x"}}, PageSize: 50, Concurrency: 64}
		found, err := r.Resolve(t.Context(), Selector{All: true})
		if err != nil || len(found.Instances) != 3000 {
			t.Errorf("count %d: %d found, error %v", total, len(found.Instances), err)
		}
	}
}

// TestListThatFails checks that an error of any page is returned instead of a shorter list.
func TestListThatFails(t *testing.T) {
	broken := errors.New("the line broke")
	for failing := range 30 {
		g := populate(2000, numbered)
		g.asked = func(number int, _ *assist.DescribeInstancesRequest) error {
			if number == failing+1 {
				return broken
			}
			return nil
		}
		r := &Resolver{Places: []Place{{API: g, RegionId: "cn-x"}}, PageSize: 50, Concurrency: 64}
		found, err := r.Resolve(t.Context(), Selector{All: true})
		if err == nil && len(found.Instances) != 2000 || err != nil && !errors.Is(err, broken) {
			t.Errorf("page %d fails: %v", failing+1, err)
		}
	}
}
