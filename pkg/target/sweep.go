package target

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// sweep is one look for the instances of a selector: it visits instances as they are listed, and keeps those that are meant.
type sweep struct {
	r       *Resolver
	s       Selector
	base    *items // nil without terms: everybody
	exclude *items
	given   []Instance // who is chosen from, in Among; nil: whoever the service lists

	mu        sync.Mutex
	seen      map[memberKey]int // the place in picked, or -1
	picked    []pick
	marks     [][]bool    // the values of each condition that somebody has
	mentions  []Condition // tags that expressions name
	mentioned [][]bool    // whether somebody has them
	named     int         // how many the terms match
	narrowed  int         // how many of them meet the conditions
	failed    error       // of a --where
	inGroups  []Unmatched // what matches nothing in the groups
}

// pick is an instance that is meant, and its place in the order.
type pick struct {
	Instance
	item, source, at int
}

func (r *Resolver) newSweep(ctx context.Context, s Selector) (*sweep, error) {
	sw := &sweep{r: r, s: s, exclude: expand(s.Exclude), seen: map[memberKey]int{}, marks: make([][]bool, len(s.Conditions))}
	if len(s.Terms) > 0 {
		sw.base = expand(s.Terms)
	}
	for i := range s.Conditions {
		sw.marks[i] = make([]bool, s.Conditions[i].size())
	}
	for _, where := range s.Wheres {
		for _, key := range where.tags {
			sw.mentions = append(sw.mentions, tagCondition(Words{Text: key, From: where.From, Warn: where.Warn}, key, nil, false))
			sw.mentioned = append(sw.mentioned, make([]bool, 1))
		}
	}
	return sw, sw.fillGroups(ctx)
}

func (i *Instance) key() memberKey { return memberKey{i.Place, i.InstanceId} }

// records reports whether instances are looked at with all that is known of them.
func (sw *sweep) records() bool { return sw.r.Records || sw.s.needsRecords() }

// agents reports whether the agents have to be asked for.
func (sw *sweep) agents() bool {
	return sw.r.Agents || sw.s.Sample != nil || slices.ContainsFunc(sw.s.Wheres, (*Where).needsAgent)
}

func (sw *sweep) run(ctx context.Context) (*Found, error) {
	roll, rollCtx := sw.r.newAgentRoll(ctx)
	visit := func(i *Instance, source, at int) {
		if sw.visit(rollCtx, i, source, at) && sw.agents() && !i.Managed && !i.Missing {
			roll.add(rollCtx, i.Place, i.InstanceId)
		}
	}
	err := sw.look(rollCtx, sw.sources(), visit)
	if err == nil {
		err = sw.lookAgain(rollCtx, visit)
	}
	if agentErr := roll.end(rollCtx); agentErr != nil { // which has ended the looking
		return nil, agentErr
	}
	if err = cmp.Or(err, sw.failed); err != nil {
		return nil, err
	}
	return sw.conclude(ctx, roll)
}

// look lists what the sources have, several at a time, and hands each instance on. visit is called by one at a time.
func (sw *sweep) look(ctx context.Context, sources []source, visit func(i *Instance, source, at int)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(sw.r.Concurrency, 1))
	for number, from := range sources {
		group.Go(func() error {
			err := from.list(ctx, func(i Instance, at int) bool {
				sw.mu.Lock()
				defer sw.mu.Unlock()
				visit(&i, number, at)
				return ctx.Err() == nil
			})
			return sw.r.at(from.place, err)
		})
	}
	return group.Wait()
}
