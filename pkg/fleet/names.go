package fleet

import (
	"strings"

	"muster/pkg/target/nodeset"
)

// Named is an instance and its name.
type Named struct {
	Site         Site
	InstanceId   string
	InstanceName string
}

// Names decides how the instances of a run or a list are shown in everything but JSON: by name, or by id if the name does not
// identify exactly one of them.
type Names struct {
	shared map[string]struct{} // names that several instances have
}

// NewNames returns the names of a list of n instances. The same instance may be in it several times.
func NewNames(n int, at func(i int) Named) *Names {
	names := &Names{shared: map[string]struct{}{}}
	first := make(map[string]int32, n)
	for i := range n {
		instance := at(i)
		before, ok := first[instance.InstanceName]
		switch {
		case !ok:
			first[instance.InstanceName] = int32(i)
		case instance.InstanceId != at(int(before)).InstanceId || instance.Site != at(int(before)).Site:
			names.shared[instance.InstanceName] = struct{}{}
		}
	}
	return names
}

// Of returns how an instance of the list is shown: by its name, unless it has none, another instance has the same name, the
// name looks like an id, or it has another meaning in the notation of package nodeset. Then it is shown by its id.
func (n *Names) Of(name, id string) string {
	if _, shared := n.shared[name]; shared || looksLikeID(name) || !nodeset.Plain(name) {
		return id
	}
	return name
}

// The prefixes of instance ids.
const (
	ecsPrefix     = "i-"
	managedPrefix = "mi-"
)

func looksLikeID(name string) bool {
	return strings.HasPrefix(name, ecsPrefix) || strings.HasPrefix(name, managedPrefix)
}

// NameIn is [State.NameOf] for an instance of an invocation. It returns the id if the instance is not a target.
func (s *State) NameIn(invokeID, instanceID string) string {
	if t := s.target(invokeID, instanceID); t != nil {
		return s.NameOf(t)
	}
	return instanceID
}

// NameOf returns how one of the state's targets is shown among all of them. It is not safe for concurrent use, because it
// caches the shared names.
func (s *State) NameOf(t *TargetState) string {
	if s.names == nil || s.named != len(s.Targets) {
		s.named = len(s.Targets)
		s.names = NewNames(len(s.Targets), func(i int) Named {
			t := &s.Targets[i]
			return Named{t.Site, t.InstanceId, t.InstanceName}
		})
	}
	return s.names.Of(t.InstanceName, t.InstanceId)
}
