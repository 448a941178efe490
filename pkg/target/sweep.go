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

// fillGroups finds out who the groups are that terms name.
func (sw *sweep) fillGroups(ctx context.Context) error {
	for _, x := range []*items{sw.base, sw.exclude} {
		if x == nil {
			continue
		}
		for at := range x.all {
			it := &x.all[at]
			if it.term.Group == "" {
				continue
			}
			group, err := sw.r.group(ctx, it.term, sw.records())
			if err != nil {
				return err
			}
			for _, u := range group.Unmatched {
				u.Warn = u.Warn || it.term.Warn
				sw.inGroups = append(sw.inGroups, u)
			}
			it.group = group
			it.members = make(map[memberKey]bool, len(group.Instances))
			for i := range group.Instances {
				it.members[group.Instances[i].key()] = true
			}
		}
	}
	return nil
}

// group returns the instances of a group, which are looked up once, however many groups it is in.
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
	sw, err := inner.newSweep(ctx, selector)
	if err != nil {
		return nil, err
	}
	found, err := sw.run(ctx)
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

func (i *Instance) key() memberKey { return memberKey{i.Place, i.InstanceId} }

// records reports whether instances are looked at with all that is known of them.
func (sw *sweep) records() bool { return sw.r.Records || sw.s.needsRecords() }

// agents reports whether the agents have to be asked for.
func (sw *sweep) agents() bool {
	return sw.r.Agents || sw.s.Sample != nil || slices.ContainsFunc(sw.s.Wheres, (*Where).needsAgent)
}

func (sw *sweep) run(ctx context.Context) (*Found, error) {
	roll, rollCtx := sw.r.newAgentRoll(ctx)
	err := sw.look(rollCtx, sw.sources(), func(i *Instance, source, at int) {
		if sw.visit(rollCtx, i, source, at) && sw.agents() && !i.Managed && !i.Missing {
			roll.add(rollCtx, i.Place, i.InstanceId)
		}
	})
	if agentErr := roll.end(rollCtx); agentErr != nil { // which has ended the looking
		return nil, agentErr
	}
	if err == nil {
		err = sw.lookAgain(ctx)
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
			at := 0
			err := from.list(ctx, func(i Instance) bool {
				sw.mu.Lock()
				defer sw.mu.Unlock()
				visit(&i, number, at)
				at++
				return ctx.Err() == nil
			})
			return sw.r.at(from.place, err)
		})
	}
	return group.Wait()
}

// visit judges an instance, marks what matches it, and reports whether it is one that is meant and not yet known.
func (sw *sweep) visit(ctx context.Context, i *Instance, source, at int) bool {
	if known, ok := sw.seen[i.key()]; ok {
		if known >= 0 { // whichever source is first, the order is the same
			p := &sw.picked[known]
			if cmp.Or(cmp.Compare(source, p.source), cmp.Compare(at, p.at)) < 0 {
				p.source, p.at = source, at
			}
		}
		return false
	}
	sw.seen[i.key()] = -1
	excluded := sw.exclude.match(i, sw.byName(i)) >= 0
	item := 0
	if sw.base != nil {
		if item = sw.base.match(i, sw.byName(i)); item < 0 {
			return false
		}
	}
	sw.named++
	if sw.s.Managed && !i.Managed || !sw.meets(i) || !sw.early(ctx, i) {
		return false
	}
	sw.narrowed++
	if excluded {
		return false
	}
	if !sw.r.Records {
		kept := *i
		if !sw.late() {
			kept.Record = nil // which of many takes a lot of room
		}
		i = &kept
	}
	sw.seen[i.key()] = len(sw.picked)
	sw.picked = append(sw.picked, pick{*i, item, source, at})
	return true
}

// byName reports whether names can mean an instance: those of ECS instances, or with Managed those of managed ones; and all where
// the selector chooses from given instances.
func (sw *sweep) byName(i *Instance) bool { return sw.given != nil || i.Managed == sw.s.Managed }

// meets looks at every condition, to mark what there is.
func (sw *sweep) meets(i *Instance) bool {
	meets := true
	for at := range sw.s.Conditions {
		if i.Record == nil || !sw.s.Conditions[at].holds(i.Record, sw.marks[at]) {
			meets = false
		}
	}
	for at := range sw.mentions {
		if i.Record != nil {
			sw.mentions[at].holds(i.Record, sw.mentioned[at])
		}
	}
	return meets
}

// early evaluates the expressions that do not read what the agents tell.
func (sw *sweep) early(ctx context.Context, i *Instance) bool {
	for _, where := range sw.s.Wheres {
		if where.needsAgent() && !i.Managed {
			continue
		}
		if !sw.evaluate(ctx, where, i) {
			return false
		}
	}
	return true
}

// late reports whether there is an expression that has to wait for the agents.
func (sw *sweep) late() bool { return slices.ContainsFunc(sw.s.Wheres, (*Where).needsAgent) }

func (sw *sweep) evaluate(ctx context.Context, where *Where, i *Instance) bool {
	if i.Record == nil {
		return false
	}
	holds, err := where.holds(ctx, i.Record)
	if err != nil && sw.failed == nil {
		sw.failed = err
	}
	return holds && err == nil
}

// conclude puts the instances into order, draws the sample, and finds out what matched nothing.
func (sw *sweep) conclude(ctx context.Context, roll *agentRoll) (*Found, error) {
	slices.SortFunc(sw.picked, func(a, b pick) int {
		return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.Place, b.Place), cmp.Compare(a.source, b.source), cmp.Compare(a.at, b.at))
	})
	found := &Found{Instances: make([]Instance, 0, len(sw.picked))}
	for at := range sw.picked {
		i := &sw.picked[at].Instance
		roll.tell(i)
		if sw.lateHolds(ctx, i) {
			if !sw.r.Records {
				i.Record = nil
			}
			found.Instances = append(found.Instances, *i)
		}
	}
	if sw.failed != nil {
		return nil, sw.failed
	}
	found.Shared = sw.shared(found.Instances)
	left := len(found.Instances)
	var err error
	if found.Unmatched, err = sw.unmatched(ctx); err != nil {
		return nil, err
	}
	if sw.s.Sample != nil && left > 0 {
		found.Instances = sw.s.draw(found.Instances)
	}
	if left == 0 {
		found.Nobody = sw.nobody()
	}
	return found, nil
}

// shared returns the names that terms ask for and that several of the instances have.
func (sw *sweep) shared(instances []Instance) []string {
	if sw.base == nil {
		return nil
	}
	counts := map[string]int{}
	var names []string
	for i := range instances {
		name := instances[i].InstanceName
		if counts[name]++; counts[name] == 2 && len(sw.base.names[name]) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// lateHolds evaluates the expressions that had to wait for the agents.
func (sw *sweep) lateHolds(ctx context.Context, i *Instance) bool {
	for _, where := range sw.s.Wheres {
		if where.needsAgent() && !i.Managed && !sw.evaluate(ctx, where, i) {
			return false
		}
	}
	return true
}
