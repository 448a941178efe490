package target

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"muster/pkg/assist"
)

func resolved(t *testing.T, r *Resolver, s Selector) *Found {
	t.Helper()
	found, err := r.Resolve(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestResolveKeepsTheOrderOfTerms(t *testing.T) {
	r := at(crowd(250))
	found := resolved(t, r, selector(t, "instance", "i-000200,web-00000[2-3] i-000003", "instance", "web-00000*", "exclude", "web-000008"))
	want := []string{"i-000200", "i-000002", "i-000003", "i-000000", "i-000001", "i-000004", "i-000005", "i-000006", "i-000007", "i-000009"}
	if got := found.IDs(); !slices.Equal(got, want) || found.Err() != nil {
		t.Errorf("got %v, %v", got, found.Err())
	}
	for _, i := range found.Instances {
		if i.Check(Need{CommandType: "RunShellScript"}) != nil {
			t.Errorf("%v cannot run it", i)
		}
	}
}

// TestNamesOfTheOtherKind names managed instances without --managed, and ECS instances with it.
func TestNamesOfTheOtherKind(t *testing.T) {
	d := crowd(2)
	for _, name := range []string{"shop-1", "shop-2", "kiosk"} {
		d.managed = append(d.managed, assist.ManagedInstance{InstanceId: "mi-" + name, InstanceName: name, Connected: true, AgentVersion: "2"})
	}
	for _, test := range []struct {
		name    string
		managed bool
		want    string
	}{
		{"kiosk", false, "no instance has this name in cn-x; the managed instance mi-kiosk has this name: give its id, or add --managed"},
		{"shop-*", false, "no instance has such a name in cn-x; 2 managed instances have such names: give their ids, or add --managed"},
		{"shop-[1-3]", false, "there are no such instances (3 of 3) in cn-x; 2 managed instances have such names: give their ids, or add --managed"},
		{"web-000001", true, "no instance has this name in the managed instances of cn-x; the ECS instance i-000001 has this name: leave out --managed"},
		{"web-*", true, "no instance has such a name in the managed instances of cn-x; 2 ECS instances have such names: leave out --managed"},
		{"nobody", true, "no instance has this name in the managed instances of cn-x"},
	} {
		s := selector(t, "instance", test.name)
		s.Managed = test.managed
		err := resolved(t, at(d), s).Err()
		if want := "--instance " + test.name + ": " + test.want; err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// TestOtherKindOfASet has a set one of whose names exists for both kinds, and another for none.
func TestOtherKindOfASet(t *testing.T) {
	d := crowd(2)
	d.managed = []assist.ManagedInstance{{InstanceId: "mi-1", InstanceName: "web-000000", Connected: true, AgentVersion: "2"}}
	err := resolved(t, at(d), selector(t, "instance", "web-[000000-000002]")).Err()
	if want := "--instance web-000002: no instance has this name in cn-x"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestResolveReportsWhatMatchesNothing(t *testing.T) {
	d := crowd(30)
	d.managed = []assist.ManagedInstance{{InstanceId: "mi-1", InstanceName: "shop", Connected: true, AgentVersion: "2"}}
	for _, test := range []struct {
		pairs []string
		want  string // of the error
		word  string // the word to compare
		known string // one of the words to compare it with
	}{
		{[]string{"instance", "i-000001,i-00002"}, "--instance i-00002: there is no such instance in cn-x", "i-00002", "i-000002"},
		{[]string{"instance", "mi-2"}, "--instance mi-2: there is no such managed instance in cn-x", "mi-2", "mi-1"},
		{[]string{"instance", "web-[000028-000031]"}, "--instance web-[000030-000031]: there are no such instances (2 of 4)", "web-000030", "web-000029"},
		{[]string{"instance", "db-*"}, "--instance db-*: no instance has such a name", "db-*", "web-000000"},
		{[]string{"instance", "shopp"}, "--instance shopp: no instance has this name", "shopp", "web-000000"},
		{[]string{"tag", "env=prod", "exclude", "nosuch"}, "--exclude nosuch: no instance has this name", "nosuch", "web-000000"},
		{[]string{"instance", "web-000001", "exclude", "web-*0,i-x"}, "--exclude i-x: there is no such instance", "i-x", "i-000000"},
		{[]string{"tag", "rol=web"}, "--tag rol=web: no instance has a tag rol", "rol", "role"},
		{[]string{"tag", "role=wbe"}, "--tag role=wbe: no instance has it", "role=wbe", "role=web"},
		{[]string{"tag", "env=prod,role!=wbe"}, "--tag role!=wbe: no instance has it", "role!=wbe", "role!=web"},
		{[]string{"tag", "env=prod", "tag", "!legcy"}, "--tag !legcy: no instance has a tag legcy", "legcy", "env"},
		{[]string{"zone", "cn-x-a,cn-x-b"}, "--zone cn-x-b: no instance has it", "cn-x-b", "cn-x-a"},
		{[]string{"os", "linux,windows"}, "--os windows: no instance has it", "windows", "linux"},
	} {
		found := resolved(t, at(d), selector(t, test.pairs...))
		if len(found.Unmatched) != 1 {
			t.Errorf("%q: %v", test.pairs, found.Unmatched)
			continue
		}
		u := found.Unmatched[0]
		if !strings.HasPrefix(u.Error(), test.want) || u.Word != test.word || !slices.Contains(u.Known, test.known) {
			t.Errorf("%q: %v; %q among %q", test.pairs, u.Error(), u.Word, u.Known)
		}
		if _, ok := errors.AsType[*UnmatchedError](found.Err()); !ok {
			t.Errorf("%q: err %v", test.pairs, found.Err())
		}
	}
}

func TestResolveMatchesAllOfThese(t *testing.T) {
	d := crowd(30)
	d.managed = []assist.ManagedInstance{{InstanceId: "mi-1", InstanceName: "shop", Connected: true, AgentVersion: "2", Tags: []assist.TagPair{{TagKey: "role", TagValue: "web"}}}}
	for want, pairs := range map[int][]string{
		10: {"tag", "role=web"},
		20: {"tag", "role!=web"},
		11: {"instance", "web-00001*,mi-1"},
		30: {"instance", "i-*"},
		1:  {"instance", "mi-*"},
		2:  {"instance", "web-000001,web-000002", "exclude", "web-000003"}, // it exists, and is not selected
		29: {"exclude", "web-000003", "tag", "env"},
		28: {"zone", "cn-x-a", "exclude", "web-00000[1-2]"},
		15: {"where", `.InstanceId[-1:] | tonumber % 2 == 1`},
		9:  {"where", `.Tags.role == "web" and .InstanceName != "web-000000"`},
		3:  {"tag", "role=w*", "instance", "web-00000[0-6]"},
	} {
		found := resolved(t, at(d), selector(t, pairs...))
		if len(found.Instances) != want || found.Err() != nil {
			t.Errorf("%q: %d instances, want %d; %v", pairs, len(found.Instances), want, found.Err())
		}
	}
}

func TestNoInstanceIsLeft(t *testing.T) {
	for want, pairs := range map[string][]string{
		"no instance in cn-x meets --tag role=web and --tag role=db":               {"tag", "role=web,role=db"},
		"no instance is left: none of the 1 instances meets --tag role=db":         {"instance", "web-000000", "tag", "role=db"},
		"no instance is left: --exclude removes all 2 instances":                   {"instance", "web-00000[0-1]", "exclude", "web-*"},
		"no instance in cn-x meets --where '.Cpu > 999'":                           {"where", ".Cpu > 999"},
		"no instance is left: none of the 30 instances meets --where '.Cpu > 999'": {"instance", "*", "where", ".Cpu > 999"},
	} {
		found := resolved(t, at(crowd(30)), selector(t, pairs...))
		if _, ok := errors.AsType[*NoInstancesError](found.Err()); !ok || found.NoInstances != want {
			t.Errorf("%q: %v", pairs, found.Err())
		}
	}
	found := resolved(t, at(crowd(0)), Selector{All: true})
	if !strings.Contains(found.NoInstances, "ecs:DescribeInstances") {
		t.Errorf("a service that lists no instances: %s", found.NoInstances)
	}
	found = resolved(t, at(crowd(0)), selector(t, "instance", "web-1"))
	if !strings.Contains(found.Err().Error(), "ecs:DescribeInstances") {
		t.Errorf("a service that lists no instances: %v", found.Err())
	}
}

// A name that the service's own filter does not find is searched in the whole list.
func TestResolveLooksAgainForNames(t *testing.T) {
	d := crowd(30)
	d.nameless = true
	found := resolved(t, at(d), selector(t, "instance", "web-000001,web-00002*"))
	if len(found.Instances) != 11 || found.Err() != nil {
		t.Errorf("%v, %v", found.IDs(), found.Err())
	}
	for _, i := range found.Instances {
		if why := i.Check(Need{}); why != nil {
			t.Errorf("%s: %v", i.InstanceId, why)
		}
	}
}

// A term has to match in one place, and selects instances in all.
func TestResolveAtSeveralPlaces(t *testing.T) {
	a, b := crowd(3), crowd(5)
	found := resolved(t, at(a, b), selector(t, "instance", "web-000001,i-000004"))
	var got []string
	for _, i := range found.Instances {
		got = append(got, fmt.Sprint(i.Place, i.InstanceId))
	}
	if want := []string{"0i-000001", "1i-000001", "1i-000004"}; !slices.Equal(got, want) || found.Err() != nil {
		t.Errorf("got %v, %v", got, found.Err())
	}
	if _, err := at(a, b).Resolve(t.Context(), selector(t, "zone", "cn-y-a")); err == nil || !strings.Contains(err.Error(), "a zone of cn-x, cn-x1") {
		t.Errorf("err %v", err)
	}
}

// A set of 1,000 names takes no more calls than the whole list.
func TestResolveASetOfNamesInFewCalls(t *testing.T) {
	for _, test := range []struct{ fleet, names, most int }{{1000, 1000, 10}, {5000, 1000, 50}, {1000, 1, 1}} {
		d := crowd(test.fleet)
		found := resolved(t, at(d), selector(t, "instance", fmt.Sprintf("web-[000000-%06d]", test.names-1)))
		if len(found.Instances) != test.names || d.calls["DescribeInstances"] > test.most {
			t.Errorf("%d of %d: %d instances in %d calls, want at most %d", test.names, test.fleet, len(found.Instances), d.calls["DescribeInstances"], test.most)
		}
	}
	d := crowd(250) // names that have nothing in common, and are too many to request one by one
	var names []string
	for i := range d.instances {
		d.instances[i].InstanceName = fmt.Sprintf("%x-host", i*7919)
		names = append(names, d.instances[i].InstanceName)
	}
	found := resolved(t, at(d), selector(t, "instance", strings.Join(names[:100], ",")))
	if len(found.Instances) != 100 || d.calls["DescribeInstances"] > 3 {
		t.Errorf("%d instances in %d calls", len(found.Instances), d.calls["DescribeInstances"])
	}
}

func TestGroups(t *testing.T) {
	groups := map[string]Selector{
		"web":   selector(t, "tag", "role=web", "exclude", "web-000000"),
		"first": selector(t, "instance", "web-00000[0-3]"),
		"both":  selector(t, "instance", "@web,@first"),
		"typo":  selector(t, "instance", "web-9"),
		"a":     selector(t, "instance", "@b"),
		"b":     selector(t, "instance", "web-000001,@a"),
	}
	r := at(crowd(9))
	r.Groups = Groups{Read: func(name string) (Selector, error) { return groups[name], nil }}
	for name := range groups {
		r.Groups.Known = append(r.Groups.Known, name)
	}
	for _, test := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"instance", "@web"}, "i-000003 i-000006"},
		{[]string{"instance", "@both"}, "i-000003 i-000006 i-000000 i-000001 i-000002"},
		{[]string{"instance", "@first", "exclude", "@web"}, "i-000000 i-000001 i-000002"},
		{[]string{"instance", "@first", "tag", "role=db"}, "i-000001"},
	} {
		found := resolved(t, r, selector(t, test.pairs...))
		if got := strings.Join(found.IDs(), " "); got != test.want || found.Err() != nil {
			t.Errorf("%q: %s, %v", test.pairs, got, found.Err())
		}
	}
	for want, text := range map[string]string{
		"--instance @nosuch: there is no such group": "@nosuch",
		"the group contains itself: @a -> @b -> @a":  "@a",
	} {
		if _, err := r.Resolve(t.Context(), selector(t, "instance", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := resolved(t, r, selector(t, "instance", "web-000001,@typo")).Err(); err == nil || !strings.Contains(err.Error(), "web-9: no instance has this name") {
		t.Errorf("err %v", err)
	}
}

func TestAmong(t *testing.T) {
	d := crowd(9)
	given := []Instance{{InstanceId: "i-000007"}, {InstanceId: "i-gone", InstanceName: "old"}, {InstanceId: "i-000001"}}
	for _, test := range []struct {
		pairs []string
		want  string
		calls int
	}{
		{nil, "i-000007 i-gone i-000001", 1},
		{[]string{"instance", "i-000001"}, "i-000001", 1},
		{[]string{"instance", "web-*"}, "i-000007 i-000001", 1},
		{[]string{"instance", "old"}, "i-gone", 1},
		{[]string{"tag", "role=db", "exclude", "i-000001"}, "i-000007", 1},
	} {
		d.calls = nil
		found, err := at(d).Among(t.Context(), selector(t, test.pairs...), given)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(found.IDs(), " "); got != test.want || found.Err() != nil || d.calls["DescribeInstances"] != test.calls {
			t.Errorf("%q: %s, %v, %v", test.pairs, got, found.Err(), d.calls)
		}
	}
	for _, text := range []string{"i-000002", "web-000002", "db-*"} { // they exist, but not among the given ones
		found, err := at(d).Among(t.Context(), selector(t, "instance", text), given)
		if err != nil || found.Err() == nil || !strings.Contains(found.Err().Error(), "in the 3 instances to choose from") {
			t.Errorf("%s: %v, %v", text, found.Err(), err)
		}
	}
	d.calls = nil
	quiet := at(d)
	quiet.Agents = false
	if found, err := quiet.Among(t.Context(), selector(t, "instance", "i-gone"), given); err != nil || len(found.Instances) != 1 || len(d.calls) > 0 {
		t.Errorf("ids alone: %v, %v, %v", found.IDs(), err, d.calls)
	}
}

func TestWhereReadsAgents(t *testing.T) {
	d := crowd(9)
	d.offline["i-000004"] = true
	d.managed = []assist.ManagedInstance{{InstanceId: "mi-1", Connected: false, AgentVersion: "2"}}
	found := resolved(t, at(d), selector(t, "instance", "web-*,mi-1", "where", `.CloudAssistantStatus == "false"`))
	if got := strings.Join(found.IDs(), " "); got != "i-000004 mi-1" {
		t.Errorf("got %s, %v", got, found.Err())
	}
	_, err := at(d).Resolve(t.Context(), selector(t, "where", ".Memory"))
	if wrong, ok := errors.AsType[*WhereError](err); !ok || wrong.InstanceId == "" || !strings.Contains(err.Error(), "returns number") {
		t.Errorf("err %v", err)
	}
}

// slowList lists no further instance before the agents of the first ones have been requested.
type slowList struct {
	*directory
	asked chan struct{}
	once  sync.Once
}

func (s *slowList) AllInstanceSummaries(ctx context.Context, r assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return func(yield func(assist.InstanceSummary, error) bool) {
		listed := 0
		for i := range s.directory.AllInstanceSummaries(ctx, r) {
			if listed++; listed == 100 {
				<-s.asked
			}
			if !yield(i, ctx.Err()) {
				return
			}
		}
	}
}

func (s *slowList) DescribeCloudAssistantStatus(ctx context.Context, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	s.once.Do(func() { close(s.asked) })
	if slices.Contains(r.InstanceId, "i-000199") {
		return nil, errors.New("no agents today")
	}
	return s.directory.DescribeCloudAssistantStatus(ctx, r)
}

func TestAgentsAreRequestedDuringListing(t *testing.T) {
	r := at(crowd(0))
	r.Concurrency = 1
	r.Places[0].API = &slowList{directory: crowd(150), asked: make(chan struct{})}
	found, err := r.Resolve(t.Context(), Selector{All: true})
	if err != nil || len(found.Instances) != 150 || slices.ContainsFunc(found.Instances, func(i Instance) bool { return !i.Online }) {
		t.Errorf("%v, err %v", found, err)
	}
	r.Places[0].API = &slowList{directory: crowd(250), asked: make(chan struct{})}
	if _, err := r.Resolve(t.Context(), Selector{All: true}); err == nil || !strings.Contains(err.Error(), "agents' status: no agents today") {
		t.Errorf("err %v", err)
	}
}

// BenchmarkResolve measures the resolver's own work, with a service that answers at once.
func BenchmarkResolve(b *testing.B) {
	for name, s := range map[string]Selector{
		"all": {All: true}, "set": selector(b, "instance", "web-[000000-009999]"), "tag": selector(b, "tag", "env=prod,role!=nobody"),
	} {
		b.Run(name, func(b *testing.B) {
			r := at(crowd(10_000))
			b.ReportAllocs()
			for b.Loop() {
				if found, err := r.Resolve(b.Context(), s); err != nil || len(found.Instances) != 10_000 {
					b.Fatal(len(found.Instances), err)
				}
			}
		})
	}
}

// A key that neither records nor tags have is found wherever an expression names it. Comparisons with it would be true for all
// instances.
func TestWhereFindsUnknownKeysAnywhere(t *testing.T) {
	for _, expression := range []string{
		`.Cpu as $c | .Nope != $c`, `. as $r | $r.Nope != 1`, `. as {Nope:$x} | $x != 1`, `. as {$Nope} | $Nope != 1`, `"\(.Nope)" != "x"`,
		`(.) | .Nope != 1`, `(.).Nope != 1`, `select(true) | .Nope != 1`, `def f: .Nope; f != 1`, `first(.Nope) != 1`, `IN(.Nope; 1) | not`,
		`reduce .Nope as $x (true; .)`, `(. + {x: 1}).Nope != 1`, `.SecurityGroupIds[.Nope:] | length >= 0`, `.Tags.Nope != "x"`, `.Tags | .Nope != "x"`,
		`with_entries(.) | .Nope != 1`, `del(.Tags) | .Nope != 1`,
	} {
		var s Selector
		err := s.Add("where", Words{Text: expression, From: "--where"})
		if err == nil {
			var found *Found
			if found, err = at(crowd(3)).Resolve(t.Context(), s); err == nil {
				err = found.Err()
			}
		}
		if err == nil || !strings.Contains(err.Error(), "Nope") {
			t.Errorf("%s: %v", expression, err)
		}
	}
	for _, expression := range []string{
		`.Tags.role == "web" or true`, `.Tags | .role != "x"`, `.Tags | to_entries | map(.value) | length > 0`, `{a: .Cpu} | .a >= 0`,
		`.InstanceName | capture("(?<n>[0-9]+)") | .n != ""`, `.Cpu as $c | .Memory >= $c`, `[.Tags[]] | length > 0`, `.SecurityGroupIds | any(. == "x") | not`,
	} {
		found := resolved(t, at(crowd(3)), selector(t, "where", expression))
		if len(found.Instances) != 3 || found.Err() != nil {
			t.Errorf("%s: %d instances, %v", expression, len(found.Instances), found.Err())
		}
	}
}

// Managed instances are selected by their ids, and by their names only if the selector is Managed, whatever else is listed.
func TestNamesReachOneKind(t *testing.T) {
	d := crowd(3)
	for _, id := range []string{"mi-1", "mi-2"} {
		d.managed = append(d.managed, assist.ManagedInstance{InstanceId: id, InstanceName: "web-00000" + id[3:], Connected: true, AgentVersion: "2"})
	}
	for _, test := range []struct{ text, want string }{
		{"mi-1*,*", "mi-1 i-000000 i-000001 i-000002"}, {"mi-1,web-*", "mi-1 i-000000 i-000001 i-000002"}, {"mi-1*,web-000002", "mi-1 i-000002"},
	} {
		if got := strings.Join(resolved(t, at(d), selector(t, "instance", test.text)).IDs(), " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.text, got, test.want)
		}
	}
	s := selector(t, "instance", "web-*")
	s.Managed = true
	if got := strings.Join(resolved(t, at(d), s).IDs(), " "); got != "mi-1 mi-2" {
		t.Errorf("managed: %s", got)
	}
}

// Each group is resolved once, even if several groups contain it.
func TestGroupsAreLookedUpOnce(t *testing.T) {
	d := crowd(3)
	r := at(d)
	r.Groups.Read = func(name string) (Selector, error) {
		if name == "g30" {
			return selector(t, "tag", "role=web"), nil
		}
		var n int
		_, _ = fmt.Sscanf(name, "g%d", &n)
		next := fmt.Sprintf("@g%d", n+1)
		return selector(t, "instance", next, "instance", next), nil
	}
	for n := range 31 {
		r.Groups.Known = append(r.Groups.Known, fmt.Sprint("g", n))
	}
	found := resolved(t, r, selector(t, "instance", "@g0", "exclude", "web-000001"))
	if len(found.Instances) != 1 || d.calls["DescribeInstances"] > 3 {
		t.Errorf("%v in %v calls", found.IDs(), d.calls)
	}
}

func TestTooManyNames(t *testing.T) {
	_, err := at(crowd(1)).Resolve(t.Context(), selector(t, "instance", "a[1-900000],b[1-900000]"))
	if err == nil || !strings.Contains(err.Error(), "at most 1000000 names in all") {
		t.Errorf("%v", err)
	}
}
