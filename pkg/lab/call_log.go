package lab

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

// maxLoggedCalls is the number of calls that a lab remembers.
const maxLoggedCalls = 1000

// maxLoggedText is the length at which names that clients choose are cut.
const maxLoggedText = 200

// LoggedCall is a call that a lab has answered. It has no parameters, because their values may be secret.
type LoggedCall struct {
	Sequence     int64  // 1 for the first call since the lab was started
	Time         string // when the call arrived, in RFC 3339
	Action       string `json:",omitempty"` // empty if the call names none
	HTTPStatus   int
	Code         string `json:",omitempty"` // of the error; empty if the call was accepted
	Delivery     string `json:",omitempty"` // dropped or truncated if a fault has kept the response from the client
	RequestId    string
	Milliseconds int64  // until the response was written
	Client       string // the address of the client, without the port
	UserAgent    string `json:",omitempty"`
	InstanceId   string `json:",omitempty"` // of a request of an agent; its Action is the path, below agent/
}

// callLog remembers the last calls of a lab.
type callLog struct {
	secret string                // masked
	report func(call LoggedCall) // may be nil

	mu      sync.Mutex
	last    int64
	cleared int64        // the last sequence number when the calls were last forgotten
	period  int          // how often that was
	calls   []LoggedCall // the last maxLoggedCalls since; the one with sequence number n is at (n-cleared-1) % maxLoggedCalls
}

// currentPeriod returns the number of the time until the calls are forgotten.
func (c *callLog) currentPeriod() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.period
}

// clear forgets all calls. Sequence numbers continue.
func (c *callLog) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.period++
	c.cleared, c.calls = c.last, nil
}

// add adds a call of a period and reports it, in the order of sequence numbers. A call of an earlier period is not remembered.
func (c *callLog) add(call LoggedCall, period int) {
	call.Action, call.UserAgent = c.clean(call.Action), c.clean(call.UserAgent)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	call.Sequence = c.last
	remembered := call
	if period != c.period {
		remembered = LoggedCall{}
	}
	if len(c.calls) < maxLoggedCalls {
		c.calls = append(c.calls, remembered)
	} else {
		c.calls[(call.Sequence-c.cleared-1)%maxLoggedCalls] = remembered
	}
	if c.report != nil {
		c.report(call)
	}
}

// clean cuts a text that a client has chosen, and masks the lab's secret in it.
func (c *callLog) clean(text string) string {
	if c.secret != "" {
		text = strings.ReplaceAll(text, c.secret, "******")
	}
	if len(text) > maxLoggedText {
		text = text[:maxLoggedText]
	}
	return strings.Clone(strings.ToValidUTF8(text, "\uFFFD"))
}

// since returns the remembered calls with a sequence number above after, oldest first. If no call has that number yet, the number
// is that of another lab, and since returns all calls.
func (c *callLog) since(after int64) []LoggedCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	if after > c.last || after < 0 {
		after = 0
	}
	list := []LoggedCall{}
	for n := max(after, c.last-maxLoggedCalls, c.cleared) + 1; n <= c.last; n++ {
		if call := c.calls[(n-c.cleared-1)%maxLoggedCalls]; call.Sequence == n {
			list = append(list, call)
		}
	}
	return list
}

// log adds a call after its response. It leaves out those that have read the log.
func (c *callLog) log(in *incoming, a apiResponse, refused error, began time.Time) {
	call := LoggedCall{
		Time: began.UTC().Format("2006-01-02T15:04:05.000Z"), Action: a.action, HTTPStatus: http.StatusOK, RequestId: a.requestID,
		Milliseconds: time.Since(began).Milliseconds(), Client: in.RemoteAddr, UserAgent: in.UserAgent(),
	}
	switch in.reply.broken {
	case faultDrop:
		call.Delivery = "dropped"
	case faultCut:
		call.Delivery = "truncated"
	}
	if host, _, err := net.SplitHostPort(in.RemoteAddr); err == nil {
		call.Client = host
	}
	if refused != nil {
		refusal := refusalOf(refused)
		call.HTTPStatus, call.Code = refusal.HTTPStatus, refusal.Code
	} else if a.action == new(LoggedCallsRequest).Action() {
		return
	}
	c.add(call, in.period)
}

// logAgent adds a request of an agent, unless it is an accepted heartbeat: there are too many of them.
func (c *callLog) logAgent(r protocol.LoggedRequest) {
	refused := r.ErrMsg != ""
	path := strings.TrimPrefix(r.Path, "/luban/")
	if !refused && strings.HasSuffix(path, "heart-beat") {
		return
	}
	call := LoggedCall{
		Time: r.Began.UTC().Format("2006-01-02T15:04:05.000Z"), Action: "agent/" + strings.TrimPrefix(path, "api/"), HTTPStatus: r.Status,
		Milliseconds: r.Duration.Milliseconds(), Client: r.Remote.String(), UserAgent: r.Agent,
	}
	if r.Proved {
		call.InstanceId = r.InstanceId
	}
	if refused {
		call.Code = "Refused"
	}
	c.mu.Lock()
	period := c.period
	c.mu.Unlock()
	c.add(call, period)
}

// refusalOf returns what the response to a refused call says. If err contains several errors, that is the first.
func refusalOf(err error) *assist.Error {
	if refusal, ok := errors.AsType[*assist.Error](err); ok {
		return refusal
	}
	return assist.Refusal(http.StatusInternalServerError, "InternalError", err.Error())
}

// LoggedCallsRequest asks a lab for the calls that it has answered. This action exists only in labs, not in the service.
type LoggedCallsRequest struct {
	After int64 // the sequence number of the last call that is known already
}

// LoggedCallsResponse has the last 1,000 calls, oldest first, without those of this action.
type LoggedCallsResponse struct {
	RequestId string
	Calls     []LoggedCall
}

// Action returns the name of the action.
func (*LoggedCallsRequest) Action() string { return "LabLoggedCalls" }

// Repeatable returns true, because the action only reads.
func (*LoggedCallsRequest) Repeatable() bool { return true }

func loggedCalls(c call, r *LoggedCallsRequest) (*LoggedCallsResponse, error) {
	return &LoggedCallsResponse{Calls: c.callLog.since(r.After)}, nil
}
