package target

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Take draws a random share of the instances and keeps their order. The same seed draws the same instances in whatever order
// the service lists them, and mostly the same ones after some were created or released.
func Take(share Share, all []Instance, seed uint64) []Instance {
	type lot struct {
		at     int
		number [sha256.Size]byte
	}
	lots := make([]lot, len(all))
	for i := range all {
		text := binary.BigEndian.AppendUint64(nil, seed)
		text = binary.BigEndian.AppendUint32(text, uint32(all[i].Place)) // the same id in two places gets two numbers
		lots[i] = lot{i, sha256.Sum256(append(text, all[i].InstanceId...))}
	}
	slices.SortFunc(lots, func(a, b lot) int {
		return cmp.Or(slices.Compare(a.number[:], b.number[:]), cmp.Compare(a.at, b.at))
	})
	lots = lots[:share.Of(len(all))]
	slices.SortFunc(lots, func(a, b lot) int { return cmp.Compare(a.at, b.at) })
	taken := make([]Instance, len(lots))
	for i, lot := range lots {
		taken[i] = all[lot.at]
	}
	return taken
}

// draw draws the sample from the instances that can run a command now, or from all if none can.
func (s *Selector) draw(all []Instance) []Instance {
	var usable []Instance
	for i := range all {
		if all[i].usable() {
			usable = append(usable, all[i])
		}
	}
	if len(usable) == 0 {
		usable = all
	}
	return Take(*s.Sample, usable, s.Seed)
}
