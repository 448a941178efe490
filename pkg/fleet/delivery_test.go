package fleet

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// memoryJournal is a journal in memory.
type memoryJournal struct{ lines [][]byte }

func (k *memoryJournal) Append(e Event) error {
	line, err := json.Marshal(e)
	k.lines = append(k.lines, line)
	return err
}

func (k *memoryJournal) Sync() error { return nil }

// TestDeliveriesAreStored checks that the state of a run, and the one that its journal folds into, have the locations of the
// outputs.
func TestDeliveriesAreStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, want := range []Delivery{
			{}, {OssOutputStatus: "Finished", OssOutputUri: "oss://b/******"}, {OssOutputStatus: "Failed", OssOutputErrorCode: "NoSuchBucket", OssOutputErrorInfo: "no ******"},
		} {
			s, journal := newService(), new(memoryJournal)
			s.deliver = want
			engine := engineOn(s)
			engine.Journal, engine.Secrets = journal, newSecrets([]string{"horse"}, nil)
			if want.OssOutputUri != "" {
				s.deliver.OssOutputUri = "oss://b/horse"
			}
			if want.OssOutputErrorInfo != "" {
				s.deliver.OssOutputErrorInfo = "no horse"
			}
			state, err := engine.Run(t.Context(), runPlan(2, 50))
			if err != nil {
				t.Fatal(err)
			}
			again := NewState()
			for _, line := range journal.lines {
				var event Event
				if err := json.Unmarshal(line, &event); err != nil {
					t.Fatal(err)
				}
				again.Apply(event)
			}
			for _, state := range []*State{state, again} {
				var got Delivery
				if d := state.Targets[1].Delivery; d != nil {
					got = *d
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
		}
	})
}
