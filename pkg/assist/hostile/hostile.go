// Package hostile is a service that misbehaves in one of many ways, for the tests of those who call one. Nothing that muster
// runs imports it.
package hostile

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Actions are those that the ways know the answers of, and that any command of muster depends on.
func Actions() []string {
	return []string{"DescribeInstances", "DescribeCloudAssistantStatus", "RunCommand", "DescribeInvocations", "DescribeInvocationResults"}
}

// Way is one way to misbehave.
type Way struct {
	Name string
	// Slow ways make the client wait for as long as it does; tests that do not run on synthetic time may leave them out.
	Slow bool
	// Retried ways look like something that passes by itself, so that a client goes on for as long as it is patient.
	Retried bool
	// Endless ways go on over any number of calls.
	Endless bool
	serve   func(c *call)
}

// ByName returns the way of a name.
func ByName(name string) (Way, bool) {
	all := Ways()
	i := slices.IndexFunc(all, func(w Way) bool { return w.Name == name })
	if i < 0 {
		return Way{}, false
	}
	return all[i], true
}

// Handler answers calls of an action in a way, and leaves all others to good. Some ways deform what good answers; good may
// be nil for an action of Actions, whose answers are then those of a small service with two instances.
func Handler(good http.Handler, action string, way Way) http.Handler {
	if good == nil {
		good = Good()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if actionOf(r) != action {
			good.ServeHTTP(w, r)
			return
		}
		way.serve(&call{w: w, r: r, action: action, good: good})
	})
}

// Good is a service of two instances, on each of which a command has ended.
func Good() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		_, _ = w.Write([]byte(page(actionOf(r), twoRecords(actionOf(r)), "")))
	})
}

// actionOf is the action that a request calls, signed in either of the API's ways.
func actionOf(r *http.Request) string {
	if action := r.Header.Get("x-acs-action"); action != "" {
		return action
	}
	return r.FormValue("Action")
}

// call is one call that is answered badly.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	action string
	good   http.Handler
}

// answer writes an answer in JSON, or what looks like one.
func (c *call) answer(status int, body string) {
	c.write(status, "application/json;charset=utf-8", []byte(body))
}

func (c *call) write(status int, kind string, body []byte) {
	if kind != "" {
		c.w.Header().Set("Content-Type", kind)
	}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}

// asked is the answer that good gives. What was asked for has been done.
func (c *call) asked() []byte {
	kept := &keeper{header: http.Header{}}
	c.good.ServeHTTP(kept, c.r)
	return kept.body.Bytes()
}

// keeper keeps an answer instead of sending it.
type keeper struct {
	header http.Header
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header         { return k.header }
func (k *keeper) WriteHeader(int)             {}
func (k *keeper) Write(p []byte) (int, error) { return k.body.Write(p) }

// forever writes a text again and again, in pieces of some size, until nobody reads any more.
func (c *call) forever(first, again string, pause time.Duration) {
	piece := []byte(again)
	if pause == 0 {
		piece = bytes.Repeat(piece, 1+32<<10/len(again))
	}
	c.w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_, err := c.w.Write([]byte(first))
	for err == nil {
		if _, err = c.w.Write(piece); err == nil {
			err = http.NewResponseController(c.w).Flush()
		}
		if pause > 0 && !c.wait(pause) {
			return
		}
	}
}

// repeat writes a text again and again, up to a size.
func (c *call) repeat(first, again string, size int, last string) {
	piece := bytes.Repeat([]byte(again), 32<<10/len(again))
	_, err := c.w.Write([]byte(first))
	for ; err == nil && size > 0; size -= len(piece) {
		_, err = c.w.Write(piece)
	}
	if err == nil {
		_, _ = c.w.Write([]byte(last))
	}
}

// wait is false when the client is gone.
func (c *call) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.r.Context().Done():
		return false
	}
}

// abort ends the connection where it is.
func (c *call) abort() {
	_ = http.NewResponseController(c.w).Flush()
	panic(http.ErrAbortHandler)
}

// raw writes bytes in place of an answer, and ends the connection.
func (c *call) raw(text string) {
	connection, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		c.abort()
	}
	defer func() { _ = connection.Close() }()
	_, _ = connection.Write([]byte(text))
}

// token is a NextToken that no page has named before: it counts the pages.
func (c *call) token() string {
	n, _ := strconv.Atoi(c.r.FormValue("NextToken"))
	return strconv.Itoa(n + 1)
}
