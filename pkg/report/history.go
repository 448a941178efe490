package report

import (
	"fmt"
	"iter"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// history are the times in a run that its state does not have: a fold over its events.
type history struct {
	last       time.Time // the time of the last event
	calls      map[string]call
	batches    map[string]call // by client token, until the service answers
	known      map[targetKey]time.Time
	refused    map[targetKey]call
	milestones []milestone
	halved     int // the number of calls that were bisected
}

// call has the times at which a batch was sent, and at which the service accepted it, or refused it finally.
type call struct {
	sent, answered time.Time
	ids            []string
}

// targetKey is an instance in an invocation, or at a site.
type targetKey struct {
	in fleet.Site
	at string // the invocation
	id string
}

// milestone is something that happened to the run as a whole.
type milestone struct {
	At   time.Time
	Wave int // for a gate
	What string
	Text string
}

func fold(events iter.Seq2[fleet.Event, error]) (*history, error) {
	m := &history{calls: map[string]call{}, batches: map[string]call{}, known: map[targetKey]time.Time{}, refused: map[targetKey]call{}}
	for event, err := range events {
		if err != nil {
			return nil, err
		}
		m.apply(event)
	}
	return m, nil
}

func (m *history) apply(e fleet.Event) {
	if e.Time.After(m.last) {
		m.last = e.Time
	}
	switch e.Event {
	case fleet.Submitting:
		if _, again := m.batches[e.ClientToken]; !again {
			m.batches[e.ClientToken] = call{sent: e.Time, ids: e.InstanceIds}
		}
	case fleet.Submitted:
		if _, twice := m.calls[e.InvokeId]; !twice {
			m.calls[e.InvokeId] = call{sent: m.batches[e.ClientToken].sent, answered: e.Time}
		}
	case fleet.Rejected:
		m.reject(e)
	case fleet.StatusEvent:
		for _, instance := range e.Instances {
			m.recordEnd(e, instance)
		}
	case fleet.OutputEvent:
		m.recordEnd(e, e.Result.TargetStatus)
	case fleet.GateEvent, fleet.Stopping, fleet.Interrupted, fleet.Resumed, fleet.Settled:
		m.milestones = append(m.milestones, milestoneOf(e))
	}
}

func (m *history) reject(e fleet.Event) {
	if !e.Final {
		m.halved++
		return
	}
	b := m.batches[e.ClientToken]
	b.answered = e.Time
	for _, id := range b.ids {
		m.refused[targetKey{in: e.Site, id: id}] = b
	}
}

// recordEnd records when an instance's end was first known.
func (m *history) recordEnd(e fleet.Event, status fleet.TargetStatus) {
	key := targetKey{at: e.InvokeId, id: status.InstanceId}
	if _, ok := m.known[key]; !ok && fleet.CauseOf(assist.ParseStatus(string(status.InvocationStatus))) != "" {
		m.known[key] = e.Time
	}
}

func milestoneOf(e fleet.Event) milestone {
	h := milestone{At: e.Time, Wave: e.Wave}
	switch e.Event {
	case fleet.GateEvent:
		h.What = fmt.Sprintf("gate after wave %d: open", e.Wave-1)
		if e.Code != "" {
			h.What = fmt.Sprintf("gate after wave %d: closed, %s", e.Wave-1, e.Code)
		}
	default:
		h.What = string(e.Event)
		if e.Code != "" {
			h.What += ": " + e.Code
		}
	}
	h.What, h.Text = shown(h.What), shown(e.Message)
	return h
}

// course has the times of one target. Unknown times are zero.
type course struct {
	sent     time.Time // the call was sent
	accepted time.Time // the service accepted it
	started  time.Time // the script began, according to the instance, in whole seconds
	ended    time.Time // it ended, according to the instance; otherwise when the service first reported that
	known    time.Time // muster knew of the end
}

func (m *history) course(t *fleet.TargetState) course {
	if t.InvokeId == "" {
		b := m.refused[targetKey{in: t.Site, id: t.InstanceId}]
		return course{sent: b.sent, ended: b.answered, known: b.answered}
	}
	b := m.calls[t.InvokeId]
	c := course{
		sent: b.sent, accepted: b.answered, started: assist.ParseTime(t.StartTime), ended: assist.ParseTime(t.FinishTime),
	}
	c.known = m.known[targetKey{at: t.InvokeId, id: t.InstanceId}]
	if c.ended.IsZero() {
		c.ended = c.known
	}
	return c
}

// took returns how long the script ran, by the service's times, which are in whole seconds.
func took(t *fleet.TargetState) (time.Duration, bool) {
	from, to := assist.ParseTime(t.StartTime), assist.ParseTime(t.FinishTime)
	if from.IsZero() || to.Before(from) {
		return 0, false
	}
	return to.Sub(from), true
}
