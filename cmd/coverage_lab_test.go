package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab"
	"muster/pkg/term"
)

// observedLab is a lab that records requests and responses, with a client of its own and with muster.
type observedLab struct {
	*lab.Lab
	t      *testing.T
	caller assist.Caller
	client *assist.Client
	env    map[string]string

	mu       sync.Mutex
	asked    map[string][]url.Values            // the parameters of calls by action
	answered map[string]map[string]map[any]bool // nonzero values in responses, by action and place
	printed  map[string][]any                   // muster's documents by command
}

func newObservedLab(t *testing.T, instances int) *observedLab { return newTimedLab(t, instances, nil) }

// newTimedLab returns a lab whose schedules follow a clock of the test.
func newTimedLab(t *testing.T, instances int, clock lab.Clock) *observedLab {
	t.Helper()
	machine, err := lab.New(lab.Options{Region: labRegion, Instances: lab.NumberedInstances(instances), Dir: t.TempDir(), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	o := &observedLab{
		Lab: machine, t: t, asked: map[string][]url.Values{}, answered: map[string]map[string]map[any]bool{}, printed: map[string][]any{},
	}
	server := httptest.NewServer(o)
	t.Cleanup(func() {
		server.Close()
		if err := machine.Close(); err != nil {
			t.Error(err)
		}
	})
	id, secret := machine.Key()
	host := strings.TrimPrefix(server.URL, "http://")
	transport := assist.NewTransport(assist.Timeouts{})
	t.Cleanup(transport.CloseIdleConnections)
	o.caller, err = assist.NewCore(assist.CoreOptions{
		Endpoint: assist.Endpoint{Host: host}, Credentials: assist.StaticCredentials(id, secret), Transport: transport, UserAgent: "other",
	})
	if err != nil {
		t.Fatal(err)
	}
	o.client = assist.NewClient(o.caller)
	o.env = map[string]string{
		"HOME": t.TempDir(), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", "ALIBABA_CLOUD_ENDPOINT": host,
		"ALIBABA_CLOUD_ACCESS_KEY_ID": id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret, "ALIBABA_CLOUD_REGION_ID": labRegion,
	}
	return o
}

// ServeHTTP passes a call to the lab and records it.
func (o *observedLab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	params, action := r.URL.Query(), r.Header.Get("x-acs-action")
	answer := httptest.NewRecorder()
	o.Lab.ServeHTTP(answer, r)
	var value any
	if err := json.Unmarshal(answer.Body.Bytes(), &value); err != nil {
		o.t.Errorf("%s: %v", action, err)
	}
	o.mu.Lock()
	if action == "" {
		action = params.Get("Action")
	}
	o.asked[action] = append(o.asked[action], params)
	if o.answered[action] == nil {
		o.answered[action] = map[string]map[any]bool{}
	}
	note(o.answered[action], "", value)
	o.mu.Unlock()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// note records nonzero values by place. The elements of a list share a place.
func note(seen map[string]map[any]bool, place string, value any) {
	switch value := value.(type) {
	case nil:
		return
	case map[string]any:
		for name, inner := range value {
			note(seen, strings.TrimPrefix(place+"."+name, "."), inner)
		}
		if len(value) > 0 {
			seen[place] = map[any]bool{}
		}
	case []any:
		for _, inner := range value {
			note(seen, place, inner)
		}
	default:
		if reflect.ValueOf(value).IsZero() {
			return
		}
		if seen[place] == nil {
			seen[place] = map[any]bool{}
		}
		seen[place][value] = true
	}
}

// saw reports whether responses of an action ever had a nonzero value at a place.
func (o *observedLab) saw(action, place string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.answered[action][place] != nil
}

// sawValue reports whether they ever had that value.
func (o *observedLab) sawValue(action, place, value string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.answered[action][place][value]
}

// muster runs a command in this process, and checks its exit code.
func (o *observedLab) muster(want int, args ...string) (stdout, stderr string) {
	o.t.Helper()
	var out, err bytes.Buffer
	setenv(o.t, o.env)
	a := newApp(term.New(strings.NewReader(""), &out, &err, os.Getenv), os.Getenv)
	if got := a.run(o.t.Context(), args); got != want {
		o.t.Errorf("muster %q: exit code %d, want %d\n%s%s", args, got, want, out.String(), err.String())
	}
	return out.String(), err.String()
}

// setenv sets the environment until the test ends: of the variables that muster reads its settings from, only the given ones.
func setenv(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		for _, prefix := range []string{"MUSTER_", "ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", "XDG_", "HOME"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "")
			}
		}
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

// document runs a command with -o json, and records the document.
func (o *observedLab) document(want int, args ...string) {
	o.t.Helper()
	stdout, stderr := o.muster(want, append([]string{"-o", "json"}, args...)...)
	for text, name := range map[string]string{stdout: args[0], stderr: "stderr"} {
		decoder := json.NewDecoder(strings.NewReader(text))
		for {
			var value any
			err := decoder.Decode(&value)
			if err != nil {
				if err != io.EOF && name != "stderr" {
					o.t.Errorf("muster %q: %v in %s", args, err, text)
				}
				break
			}
			o.printed[name] = append(o.printed[name], value)
		}
	}
}

// submit sends a script to instances with the other client.
func (o *observedLab) submit(change func(*assist.RunCommandRequest), script string, instances ...string) (invokeID string) {
	o.t.Helper()
	request := &assist.RunCommandRequest{RegionId: labRegion, Type: "RunShellScript", CommandContent: script, InstanceId: instances}
	if change != nil {
		change(request)
	}
	answer, err := o.client.RunCommand(o.t.Context(), request)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer.InvokeId
}

// describe requests an invocation and its results.
func (o *observedLab) describe(invokeID string) assist.Invocation {
	o.t.Helper()
	page, err := o.client.DescribeInvocations(o.t.Context(), &assist.DescribeInvocationsRequest{RegionId: labRegion, InvokeId: invokeID})
	if err != nil || len(page.Invocations.Invocation) != 1 {
		o.t.Fatalf("%s: %+v, %v", invokeID, page, err)
	}
	_, err = o.client.DescribeInvocationResults(o.t.Context(), &assist.DescribeInvocationResultsRequest{RegionId: labRegion, InvokeId: invokeID})
	if err != nil {
		o.t.Fatal(err)
	}
	return page.Invocations.Invocation[0]
}

// until polls an invocation until it is as wanted.
func (o *observedLab) until(invokeID, what string, holds func(assist.Invocation) bool) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		got := o.describe(invokeID)
		if holds(got) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			o.t.Fatalf("%s never was %s: %+v", invokeID, what, got)
		}
	}
}

func (o *observedLab) untilAll(invokeID string, status assist.Status) {
	o.t.Helper()
	o.until(invokeID, string(status), func(i assist.Invocation) bool {
		for _, instance := range i.InvokeInstances.InvokeInstance {
			if instance.Status() != status {
				return false
			}
		}
		return true
	})
}

func (o *observedLab) stop(invokeID string, instances ...string) {
	o.t.Helper()
	request := &assist.StopInvocationRequest{RegionId: labRegion, InvokeId: invokeID, InstanceId: instances}
	if _, err := o.client.StopInvocation(o.t.Context(), request); err != nil {
		o.t.Fatal(err)
	}
}

func (o *observedLab) change(n int, change func(*lab.Instance)) {
	o.t.Helper()
	if err := o.SetInstance(nth(n), change); err != nil {
		o.t.Fatal(err)
	}
}

func nth(n int) string { return fmt.Sprintf("i-lab%05d", n) }
