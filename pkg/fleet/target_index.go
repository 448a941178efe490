package fleet

import "hash/maphash"

// targetIndex finds targets of a state: by instance and site until they are submitted, then by instance and invocation. It
// stores only their indexes, because the state has the keys.
type targetIndex struct {
	seed  maphash.Seed
	slots []int32 // indexes, counted from 1; 0 is free. Their number is a power of two
	used  int     // the number of slots that are not free; a submitted target has two
}

// unsent stands for the invocation of a target that is in none.
const unsent = -1

func (x *targetIndex) slot(in int, instanceID string) int {
	const spread = 0x9e3779b97f4a7c15
	hash := maphash.String(x.seed, instanceID) + uint64(in+1)*spread //nolint:gosec // in is -1 or more
	return int(hash>>1) & (len(x.slots) - 1)                         //nolint:gosec // without its highest bit
}

func (x *targetIndex) put(place, slot int) {
	for x.slots[slot] != 0 {
		slot = (slot + 1) & (len(x.slots) - 1)
	}
	x.slots[slot] = int32(place + 1) //nolint:gosec // far fewer
	x.used++
}

// find returns the index of a target in an invocation, which is given by its index, or of an unsent target at a site.
func (s *State) find(in int, site Site, instanceID string) (place int, ok bool) {
	slots := s.index.slots
	if len(slots) == 0 {
		return 0, false
	}
	for slot := s.index.slot(in, instanceID); slots[slot] != 0; slot = (slot + 1) & (len(slots) - 1) {
		place := int(slots[slot] - 1)
		t := &s.Targets[place]
		if t.InstanceId == instanceID && s.isIn(t, in, site) {
			return place, true
		}
	}
	return 0, false
}

func (s *State) isIn(t *TargetState, in int, site Site) bool {
	if in == unsent {
		return t.Site == site && (t.InvokeId == "" || s.invocationOf(t) == unsent)
	}
	return t.InvokeId == s.Invocations[in].InvokeId
}

// addToIndex adds a target to the index under its current invocation.
func (s *State) addToIndex(place int) {
	const fullest = 3 // of 4 slots
	if x := &s.index; 4*(x.used+1) > fullest*len(x.slots) {
		s.reindex()
		return
	}
	t := &s.Targets[place]
	s.index.put(place, s.index.slot(s.invocationOf(t), t.InstanceId))
}

// reindex rebuilds the index with at least half of it free.
func (s *State) reindex() {
	size := 16
	for size < 2*len(s.Targets) {
		size *= 2
	}
	if s.index.seed == (maphash.Seed{}) {
		s.index.seed = maphash.MakeSeed()
	}
	s.index.slots, s.index.used = make([]int32, size), 0
	for place := range s.Targets {
		t := &s.Targets[place]
		s.index.put(place, s.index.slot(s.invocationOf(t), t.InstanceId))
	}
}

// invocationOf returns the index of the invocation that a target is in.
func (s *State) invocationOf(t *TargetState) int {
	if i, ok := s.byInvocation[t.InvokeId]; ok {
		return i
	}
	return unsent
}
