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
	picked    []*pick
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
	agents, asking := sw.r.newAgentLookup(ctx)
	agents.heartbeats = sw.records()
	if sw.agents() {
		agents.expect(asking, 0, sw.expected())
	}
	visit := func(i *Instance, source, at int) {
		if sw.visit(asking, i, source, at) && sw.agents() && !i.Managed && !i.Missing {
			agents.add(asking, i.Place, i.InstanceId)
		}
	}
	err := sw.look(asking, sw.sources(), visit)
	if err == nil {
		err = sw.lookAgain(asking, visit)
	}
	if agentErr := agents.end(asking); agentErr != nil { // which has ended the looking
		return nil, agentErr
	}
	if err = cmp.Or(err, sw.failed); err != nil {
		return nil, err
	}
	return sw.conclude(ctx, agents)
}

// expected returns the ids that are surely meant, if there are such instances: those of a selector that has nothing else, where
// there is only one place.
func (sw *sweep) expected() (ids []string) {
	if sw.given != nil || len(sw.r.Places) > 1 || sw.base == nil || sw.exclude != nil && len(sw.exclude.all) > 0 ||
		len(sw.s.Conditions)+len(sw.s.Wheres) > 0 || sw.s.Managed {
		return nil
	}
	for at := range sw.base.all {
		it := &sw.base.all[at]
		if it.group == nil && it.pattern == nil && !it.overIDs() && wellFormed(it.text) && !managedID(it.text) {
			ids = append(ids, it.text)
		}
	}
	return unique(ids)
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
