package target

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// query is one resolution of a selector: it visits instances as they are listed, and keeps those that match.
type query struct {
	r       *Resolver
	s       Selector
	base    *items // nil without terms: all instances match
	exclude *items
	given   []Instance // the instances to choose from, for Among; nil: those that the service lists

	mu         sync.Mutex
	seen       map[instanceKey]int // the index in candidates, or -1
	candidates []*candidate
	marks      [][]bool    // the values of each condition that some instance has
	mentions   []Condition // the tags that expressions name
	mentioned  [][]bool    // whether some instance has them
	named      int         // the number of instances that the terms match
	narrowed   int         // the number of those that meet the conditions
	failed     error       // the first error of a --where
	inGroups   []Unmatched // parts of groups that match nothing
}

// candidate is a matching instance and its position in the order.
type candidate struct {
	Instance
	item, source, at int
}

func (r *Resolver) newQuery(ctx context.Context, s Selector) (*query, error) {
	q := &query{r: r, s: s, exclude: newItems(s.Exclude), seen: map[instanceKey]int{}, marks: make([][]bool, len(s.Conditions))}
	if len(s.Terms) > 0 {
		q.base = newItems(s.Terms)
	}
	for i := range s.Conditions {
		q.marks[i] = make([]bool, s.Conditions[i].markCount())
	}
	for _, where := range s.Wheres {
		for _, key := range where.tags {
			q.mentions = append(q.mentions, tagCondition(Words{Text: key, From: where.From, Warn: where.Warn}, key, nil, false))
			q.mentioned = append(q.mentioned, make([]bool, 1))
		}
	}
	return q, q.resolveGroups(ctx)
}

func (i *Instance) key() instanceKey { return instanceKey{i.Place, i.InstanceId} }

// records reports whether instances are listed with their records.
func (q *query) records() bool { return q.r.Records || q.s.needsRecords() }

// agents reports whether the state of agents has to be requested.
func (q *query) agents() bool {
	return q.r.Agents || q.s.Sample != nil || slices.ContainsFunc(q.s.Wheres, (*Where).needsAgent)
}

func (q *query) run(ctx context.Context) (*Found, error) {
	agents, asking := q.r.newAgentLookup(ctx)
	agents.heartbeats = q.records()
	if q.agents() {
		agents.prefetch(asking, 0, q.certainIDs())
	}
	visit := func(i *Instance, source, at int) {
		if q.visit(asking, i, source, at) && q.agents() && !i.Managed && !i.Missing {
			agents.add(asking, i.Place, i.InstanceId)
		}
	}
	err := q.listAll(asking, q.sources(), visit)
	if err == nil {
		err = q.secondPass(asking, visit)
	}
	if agentErr := agents.end(asking); agentErr != nil { // it has also ended the listing
		return nil, agentErr
	}
	if err = cmp.Or(err, q.failed); err != nil {
		return nil, err
	}
	return q.conclude(ctx, agents)
}

// certainIDs returns the ids that are certainly selected if they exist: those of a selector that has nothing but ids, in a single
// place.
func (q *query) certainIDs() (ids []string) {
	if q.given != nil || len(q.r.Places) > 1 || q.base == nil || q.exclude != nil && len(q.exclude.all) > 0 ||
		len(q.s.Conditions)+len(q.s.Wheres) > 0 || q.s.Managed {
		return nil
	}
	for at := range q.base.all {
		it := &q.base.all[at]
		if it.group == nil && it.pattern == nil && !it.matchesIDs() && isInstanceID(it.text) && !isManagedID(it.text) {
			ids = append(ids, it.text)
		}
	}
	return unique(ids)
}

// listAll lists the sources, several at a time, and passes each instance on. Calls of visit do not overlap.
func (q *query) listAll(ctx context.Context, sources []source, visit func(i *Instance, source, at int)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(q.r.Concurrency, 1))
	for number, from := range sources {
		group.Go(func() error {
			err := from.list(ctx, func(i Instance, at int) bool {
				q.mu.Lock()
				defer q.mu.Unlock()
				visit(&i, number, at)
				return ctx.Err() == nil
			})
			return q.r.at(from.place, err)
		})
	}
	return group.Wait()
}

// resolveGroups resolves the groups that terms name.
func (q *query) resolveGroups(ctx context.Context) error {
	for _, x := range []*items{q.base, q.exclude} {
		if x == nil {
			continue
		}
		for at := range x.all {
			it := &x.all[at]
			if it.term.Group == "" {
				continue
			}
			group, err := q.r.group(ctx, it.term, q.records())
			if err != nil {
				return err
			}
			for _, u := range group.Unmatched {
				u.Warn = u.Warn || it.term.Warn
				q.inGroups = append(q.inGroups, u)
			}
			it.group = group
			it.members = make(map[instanceKey]bool, len(group.Instances))
			for i := range group.Instances {
				it.members[group.Instances[i].key()] = true
			}
		}
	}
	return nil
}

// group returns the instances of a group. It resolves each group once, however many groups contain it.
func (r *Resolver) group(ctx context.Context, term *Term, records bool) (*Found, error) {
	key := groupKey{term.Group, records}
	if known := r.resolved[key]; known != nil {
		return known, nil
	}
	selector, err := r.Groups.read(*term)
	if err != nil {
		return nil, err
	}
	inner := *r
	inner.Agents, inner.Records = false, records
	q, err := inner.newQuery(ctx, selector)
	if err != nil {
		return nil, err
	}
	found, err := q.run(ctx)
	if err == nil {
		r.resolved[key] = found
	}
	return found, err
}

// groupKey is a group, with or without the records of its instances.
type groupKey struct {
	name    string
	records bool
}
