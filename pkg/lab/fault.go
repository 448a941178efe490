package lab

import (
	"fmt"
	"strconv"
	"strings"
)

// Fault is an injected fault. It affects calls of an API action, or, if Action is "task", "file", "instance" or "agent",
// commands on instances, sent files, instances themselves, or requests of the agents of enrolled hosts. If Action is an instance id, it affects only that instance.
type Fault struct {
	Action string
	Code   string // a code of package catalogue; or drop, cut, slow, stale, quota, hang, lost, offline or down
	Detail string // the value of slow, stale and quota; optional for offline
	Times  int    // how many times, or instances, at most; 0 for no limit
	Share  int    // the percentage of the times, or instances; 0 for all
}

// String returns the text that [ParseFault] parses.
func (f Fault) String() string {
	text := f.Action + "=" + f.Code
	if f.Detail != "" {
		text += ":" + f.Detail
	}
	if f.Times > 0 {
		text += "*" + strconv.Itoa(f.Times)
	}
	if f.Share > 0 {
		text += "@" + strconv.Itoa(f.Share) + "%"
	}
	return text
}

// ParseFault parses ACTION=CODE, optionally followed by *TIMES or @SHARE%. Action and code are not case-sensitive.
func ParseFault(text string) (Fault, error) {
	action, rest, ok := strings.Cut(text, "=")
	rest, share, shared := strings.Cut(rest, "@")
	rest, times, limited := strings.Cut(rest, "*")
	code, detail, detailed := strings.Cut(rest, ":")
	f := Fault{Action: strings.TrimSpace(action), Code: strings.TrimSpace(code), Detail: strings.TrimSpace(detail)}
	if !ok || f.Action == "" || f.Code == "" || detailed && f.Detail == "" {
		return Fault{}, fmt.Errorf("fault %q: want ACTION=CODE, ACTION=CODE*TIMES or ACTION=CODE@SHARE%%, such as RunCommand=Throttling*3", text)
	}
	if limited {
		n, err := strconv.Atoi(strings.TrimSpace(times))
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault %q: invalid number of times %q", text, times)
		}
		f.Times = n
	}
	if shared {
		number, percent := strings.CutSuffix(strings.TrimSpace(share), "%")
		n, err := strconv.Atoi(number)
		if err != nil || !percent || n < 1 || n > 100 {
			return Fault{}, fmt.Errorf("fault %q: invalid share %q: want 1%% to 100%%", text, share)
		}
		f.Share = n
	}
	armed, err := f.arm(0)
	return armed.Fault, err
}
