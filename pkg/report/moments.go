package report

import (
	"fmt"
	"iter"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// moments are when things happened in a run that its state does not keep: a fold over its events.
type moments struct {
	last     time.Time // of all events
	calls    map[string]call
	batches  map[string]call // by client token, until the service answers
	told     map[place]time.Time
	refused  map[place]call
	happened []happening
	halved   int // calls that were refused and went out again in smaller ones
}

// call is when a batch went out, and when the service took it, or refused it for good.
type call struct {
	sent, answered time.Time
	ids            []string
}

// place is an instance in an invocation, or at a site.
type place struct {
	in fleet.Site
	at string // the invocation
	id string
}

// happening is something that befell the run as a whole.
type happening struct {
	At   time.Time
	Wave int // of a gate
	What string
	Text string
}

func fold(events iter.Seq2[fleet.Event, error]) (*moments, error) {
	m := &moments{calls: map[string]call{}, batches: map[string]call{}, told: map[place]time.Time{}, refused: map[place]call{}}
	for event, err := range events {
		if err != nil {
			return nil, err
		}
		m.apply(event)
	}
	return m, nil
}

func (m *moments) apply(e fleet.Event) {
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
			m.tell(e, instance)
		}
	case fleet.OutputEvent:
		m.tell(e, e.Result.TargetStatus)
	case fleet.GateEvent, fleet.Stopping, fleet.Interrupted, fleet.Resumed, fleet.Settled:
		m.happened = append(m.happened, happeningOf(e))
	}
}

func (m *moments) reject(e fleet.Event) {
	if !e.Final {
		m.halved++
		return
	}
	b := m.batches[e.ClientToken]
	b.answered = e.Time
	for _, id := range b.ids {
		m.refused[place{in: e.Site, id: id}] = b
	}
}

// tell keeps when an instance's end was first told.
func (m *moments) tell(e fleet.Event, status fleet.TargetStatus) {
	key := place{at: e.InvokeId, id: status.InstanceId}
	if _, ok := m.told[key]; !ok && fleet.CauseOf(assist.ParseStatus(string(status.InvocationStatus))) != "" {
		m.told[key] = e.Time
	}
}

func happeningOf(e fleet.Event) happening {
	h := happening{At: e.Time, Wave: e.Wave}
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

// course is how it went for one target. What is not known is the zero time.
type course struct {
	sent     time.Time // the call went out
	accepted time.Time // the service took it
	started  time.Time // the script began, as the instance says: to the second
	ended    time.Time // it ended, as the instance says; else when the service first told that
	told     time.Time // muster knew of the end
}

func (m *moments) course(t *fleet.TargetState) course {
	if t.InvokeId == "" {
		b := m.refused[place{in: t.Site, id: t.InstanceId}]
		return course{sent: b.sent, ended: b.answered, told: b.answered}
	}
	b := m.calls[t.InvokeId]
	c := course{
		sent: b.sent, accepted: b.answered, started: assist.ParseTime(t.StartTime), ended: assist.ParseTime(t.FinishTime),
	}
	c.told = m.told[place{at: t.InvokeId, id: t.InstanceId}]
	if c.ended.IsZero() {
		c.ended = c.told
	}
	return c
}

// took is for how long the script ran, by the service's times, which are to the second.
func took(t *fleet.TargetState) (time.Duration, bool) {
	from, to := assist.ParseTime(t.StartTime), assist.ParseTime(t.FinishTime)
	if from.IsZero() || to.Before(from) {
		return 0, false
	}
	return to.Sub(from), true
}
