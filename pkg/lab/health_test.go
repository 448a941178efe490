//go:build unix

package lab

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHealth(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(3), Version: "1.2"})
	status := map[string]int{}
	for _, method := range []string{"GET", "HEAD", "POST"} {
		status[method] = serve(l, httptest.NewRequest(method, "http://127.0.0.1:8080/health", nil)).Code
	}
	status["foreign host"] = serve(l, httptest.NewRequest("GET", "http://evil.example/health", nil)).Code
	body := serve(l, httptest.NewRequest("GET", "http://127.0.0.1:8080/health", nil)).Body.String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	status["closed"] = serve(l, httptest.NewRequest("GET", "http://127.0.0.1:8080/health", nil)).Code
	if diff := cmp.Diff(map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "foreign host": 403, "closed": 503}, status); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"Version":"1.2","Instances":3,"Regions":["cn-hangzhou"]}`, strings.TrimSpace(body)); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownAction(t *testing.T) {
	l := newLab(t, Options{})
	messages := map[string]string{}
	for _, action := range []string{"RunInstances", "runcommand", strings.Repeat("長", 100)} {
		body := errorBody(t, serve(l, query(l, "GET", map[string]string{"Action": action})))
		if body.Code != "InvalidApi.NotFound" {
			t.Errorf("%s: %s", action, body.Code)
		}
		messages[action], _, _ = strings.Cut(body.Message, ", ")
	}
	want := map[string]string{
		"RunInstances":           "Specified api is not found: the lab has no RunInstances; it has StopInstance",
		"runcommand":             "Specified api is not found: the lab has no runcommand; it has RunCommand",
		strings.Repeat("長", 100): "Specified api is not found: the lab has no " + strings.Repeat("長", 21) + "?; it has AssumeRole",
	}
	if diff := cmp.Diff(want, messages); diff != "" {
		t.Error(diff)
	}
}
