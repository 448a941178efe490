package lab

import (
	"fmt"
	"strconv"
	"strings"
)

// Fault is something that goes wrong on demand: to calls of an API action, or, where Action is "task", "file" or
// "instance", to commands on instances, to sent files, or to instances themselves; an instance's id is that one instance.
type Fault struct {
	Action string
	Code   string // one that package catalogue knows; or drop, cut, slow, stale or quota, hang or lost, or offline
	Detail string // what slow, stale and quota need to know, and offline may
	Times  int    // only the first so many times, or instances; 0 is always
	Share  int    // only so many of a hundred times, or instances; 0 is always
}

// String is the form that ParseFault reads.
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

// ParseFault reads ACTION=CODE, where *TIMES or @SHARE% may follow. Action and code may be in any letter case.
func ParseFault(text string) (Fault, error) {
	action, rest, ok := strings.Cut(text, "=")
	rest, share, shared := strings.Cut(rest, "@")
	rest, times, limited := strings.Cut(rest, "*")
	code, detail, detailed := strings.Cut(rest, ":")
	f := Fault{Action: strings.TrimSpace(action), Code: strings.TrimSpace(code), Detail: strings.TrimSpace(detail)}
	if !ok || f.Action == "" || f.Code == "" || detailed && f.Detail == "" {
		return Fault{}, fmt.Errorf("fault %q: want ACTION=CODE, ACTION=CODE*TIMES or ACTION=CODE@SHARE%%, as in RunCommand=Throttling*3", text)
	}
	if limited {
		n, err := strconv.Atoi(strings.TrimSpace(times))
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault %q: %q is no number of times", text, times)
		}
		f.Times = n
	}
	if shared {
		number, percent := strings.CutSuffix(strings.TrimSpace(share), "%")
		n, err := strconv.Atoi(number)
		if err != nil || !percent || n < 1 || n > 100 {
			return Fault{}, fmt.Errorf("fault %q: %q is no share: want 1%% to 100%%", text, share)
		}
		f.Share = n
	}
	armed, err := f.arm(0)
	return armed.Fault, err
}
