// Package hostile is a service that misbehaves in many ways, for tests of its clients. Only tests import it.
package hostile

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Actions returns the actions that the cases support. All commands of muster depend on them.
func Actions() []string {
	return []string{"DescribeInstances", "DescribeCloudAssistantStatus", "RunCommand", "DescribeInvocations", "DescribeInvocationResults"}
}

// Case is a misbehaviour of the service.
type Case struct {
	Name string
	// Slow means that the client waits until its timeout. Tests without synthetic time may skip such cases.
	Slow bool
	// Retried means that the failure looks temporary, so that a client retries for the maximum time.
	Retried bool
	// Endless means that the list continues for any number of calls.
	Endless bool
	serve   func(c *call)
}

// ByName returns the case with a name, and whether there is one.
func ByName(name string) (Case, bool) {
	all := Cases()
	i := slices.IndexFunc(all, func(c Case) bool { return c.Name == name })
	if i < 0 {
		return Case{}, false
	}
	return all[i], true
}

// Handler returns a handler that misbehaves for calls of an action. It passes all other calls to good. Some cases modify the responses of
// good. For the actions of [Actions], good may be nil, which means [Good].
func Handler(good http.Handler, action string, c Case) http.Handler {
	if good == nil {
		good = Good()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if actionOf(r) != action {
			good.ServeHTTP(w, r)
			return
		}
		c.serve(&call{w: w, r: r, action: action, good: good})
	})
}

// Good returns a well-behaved service with two instances, on which a command has finished.
func Good() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		_, _ = w.Write([]byte(page(actionOf(r), twoRecords(actionOf(r)), "")))
	})
}

// actionOf returns the action of a request with either of the API's signatures.
func actionOf(r *http.Request) string {
	if action := r.Header.Get("x-acs-action"); action != "" {
		return action
	}
	return r.FormValue("Action")
}

// call is a call with a hostile response.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	action string
	good   http.Handler
}

// answer writes a response with the content type of JSON.
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

// wellBehaved executes the call and returns the response of good.
func (c *call) wellBehaved() []byte {
	recorder := &recorder{header: http.Header{}}
	c.good.ServeHTTP(recorder, c.r)
	return recorder.body.Bytes()
}

// recorder records a response.
type recorder struct {
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(int)             {}
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// forever writes first, and then repeats again until the client disconnects.
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

// repeat writes first, then again repeatedly up to a size, then last.
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

// wait waits for d. It returns false if the client disconnects.
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

// abort closes the connection in the middle of the response.
func (c *call) abort() {
	_ = http.NewResponseController(c.w).Flush()
	panic(http.ErrAbortHandler)
}

// raw writes bytes instead of an HTTP response, and closes the connection.
func (c *call) raw(text string) {
	connection, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		c.abort()
	}
	defer func() { _ = connection.Close() }()
	_, _ = connection.Write([]byte(text))
}

// token returns a new NextToken, which counts the pages.
func (c *call) token() string {
	n, _ := strconv.Atoi(c.r.FormValue("NextToken"))
	return strconv.Itoa(n + 1)
}
