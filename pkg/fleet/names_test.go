package fleet

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"muster/pkg/target/nodeset"
)

func namesOf(all ...Named) *Names {
	return NewNames(len(all), func(i int) Named { return all[i] })
}

func TestNames(t *testing.T) {
	elsewhere := Site{RegionId: "elsewhere"}
	names := namesOf(
		Named{here, "i-1", "web-1"}, Named{here, "i-1", "web-1"}, // in two invocations
		Named{here, "i-2", "twice"}, Named{here, "i-3", "twice"},
		Named{here, "i-4", "both"}, Named{elsewhere, "i-5", "both"},
		Named{here, "i-6", "same id"}, Named{elsewhere, "i-6", "same-id"}, Named{here, "i-6", "same-id"},
		Named{here, "i-7", ""}, Named{here, "mi-8", "host"},
	)
	for name, want := range map[string]string{
		"web-1": "web-1", "host": "host", "not-in-the-list": "not-in-the-list",
		"": "id", "twice": "id", "both": "id", "same-id": "id",
		"i-1": "id", "i-looks-like-one": "id", "mi-x": "id",
		"web 1": "id", "web[1-2]": "id", "web,db": "id", "web\x1b[2J": "id",
	} {
		if got := names.Of(name, "id"); got != want {
			t.Errorf("%q is shown as %q, want %q", name, got, want)
		}
	}
}

// TestNamesAreUnambiguous checks that no two instances of a list are shown in the same way.
func TestNamesAreUnambiguous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Named
		for i := range rapid.IntRange(1, 30).Draw(t, "instances") {
			name := rapid.SampledFrom([]string{"", "a", "b-1", "b-2", "i-00001", "i-00002", "c d"}).Draw(t, "name")
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				all = append(all, Named{here, fmt.Sprintf("i-%05d", i), name})
			}
		}
		names, shown := namesOf(all...), map[string]string{}
		for _, instance := range all {
			text := names.Of(instance.InstanceName, instance.InstanceId)
			if before, ok := shown[text]; ok && before != instance.InstanceId {
				t.Fatalf("%s and %s are both shown as %s", before, instance.InstanceId, text)
			}
			shown[text] = instance.InstanceId
		}
	})
}

// TestNamesCanBePasted folds the shown names of instances, and reads them as -i does.
func TestNamesCanBePasted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Named
		for i := range rapid.IntRange(1, 20).Draw(t, "instances") {
			name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-c]-?[0-9]{1,3}[a-z]?`)).Draw(t, "name")
			all = append(all, Named{here, fmt.Sprintf("i-%05d", i), name})
		}
		names, want := namesOf(all...), []string{}
		for _, instance := range all {
			want = append(want, names.Of(instance.InstanceName, instance.InstanceId))
		}
		folded := nodeset.Fold(want)
		fields, err := nodeset.Split(folded)
		if err != nil {
			t.Fatalf("%s: %v", folded, err)
		}
		var got []string
		for _, field := range fields {
			word, err := nodeset.Parse(field.Text)
			if err != nil {
				t.Fatalf("%s: %v", folded, err)
			}
			got = append(got, word.Names()...)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%v became %s and then %v", want, folded, got)
		}
	})
}

func TestWatchHasNames(t *testing.T) {
	for reason, test := range map[string]struct {
		unnamed error
		latency time.Duration
		want    [4]string
	}{
		"told":     {nil, 0, [4]string{"web-1", "i-2", "web-1", "host"}},
		"refused":  {errors.New("Forbidden.RAM"), 0, [4]string{"i-1", "i-2", "i-1", "mi-3"}},
		"too late": {nil, 2 * namesPatience, [4]string{"i-1", "i-2", "i-1", "mi-3"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			s.names, s.unnamed, s.latency = map[string]string{"i-1": "web-1", "mi-3": "host"}, test.unnamed, test.latency
			for n, ids := range [][]string{{"i-1", "i-2"}, {"i-1", "mi-3"}} {
				if _, err := s.submit(fmt.Sprint("token", n), "other", "", ids); err != nil {
					t.Fatal(err)
				}
			}
			engine := engineOn(s)
			first := true
			engine.Sink = func(_ Event, state *State) {
				if len(state.Targets) == 4 && first {
					first = false
					for i, want := range test.want {
						if got := state.NameOf(&state.Targets[i]); got != want {
							t.Errorf("%s: at first %s is shown as %s, want %s", reason, state.Targets[i].InstanceId, got, want)
						}
					}
				}
			}
			state, err := engine.Watch(t.Context(), Watched{Site: here, InvokeIds: []string{"t-0001", "t-0002"}})
			if err != nil || !state.Succeeded() || len(state.Targets) != 4 || first {
				t.Fatalf("%s: err %v, counts %v", reason, err, state.Counts())
			}
			if got := state.NameIn("t-0002", "i-1"); got != test.want[2] {
				t.Errorf("%s: at the end i-1 is shown as %s", reason, got)
			}
			if got := state.NameIn("t-0002", "i-none"); got != "i-none" {
				t.Errorf("%s: an instance that is not a target is shown as %s", reason, got)
			}
			if s.calls["DescribeInstances"] > 1 || s.calls["DescribeManagedInstances"] > 1 {
				t.Errorf("%s: calls %v", reason, s.calls)
			}
		})
	}
}

func TestLookUpNamesInHundreds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.names = map[string]string{}
		ids := []string{"i-unknown"}
		for i := range 250 {
			id := fmt.Sprintf("i-%05d", i)
			s.names[id] = fmt.Sprintf("web-%d", i)
			ids = append(ids, id, id, "mi-"+id)
			s.names["mi-"+id] = "host"
		}
		names := LookUpNames(t.Context(), s, "r", ids, 4)
		if len(names) != 500 || names["i-00007"] != "web-7" || names["mi-i-00007"] != "host" {
			t.Errorf("%d names", len(names))
		}
		if s.calls["DescribeInstances"] != 3 || s.calls["DescribeManagedInstances"] != 5 {
			t.Errorf("calls %v", s.calls)
		}
		s.unnamed = errors.New("Forbidden.RAM")
		if names := LookUpNames(t.Context(), s, "r", ids, 1); len(names) != 0 || s.calls["DescribeInstances"] != 4 || s.calls["DescribeManagedInstances"] != 6 {
			t.Errorf("names %v, calls %v", names, s.calls)
		}
	})
}
