package lab

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestFaultsOfAgents sends requests of which some are lost, some have no response and some are late.
func TestFaultsOfAgents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var list []Fault
		for _, text := range []string{"agent=down*1", "agent=drop*1", "agent=slow:3s*1"} {
			f, err := ParseFault(text)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, f)
		}
		f := newFaults(1)
		if err := f.set(list); err != nil {
			t.Fatal(err)
		}
		served := 0
		handler := f.ofAgents(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
		began := time.Now()
		var aborted []bool
		for range 4 {
			aborted = append(aborted, aborts(handler))
		}
		if !slices.Equal(aborted, []bool{true, true, false, false}) || served != 3 || time.Since(began) != 3*time.Second {
			t.Error(aborted, served, time.Since(began))
		}
		if _, err := ParseFault("agent=Throttling"); err == nil {
			t.Error("a code of the API was accepted")
		}
	})
}

// aborts reports whether a handler closes the connection of a request.
func aborts(handler http.Handler) (aborted bool) {
	defer func() {
		err, _ := recover().(error)
		aborted = errors.Is(err, http.ErrAbortHandler)
	}()
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/luban/api/heart-beat", http.NoBody))
	return false
}
