//go:build unix

package lab

import (
	"errors"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"muster/pkg/assist"
)

func TestClientToken(t *testing.T) {
	b := openFleet(t, 2)
	ctx := t.Context()
	r := shell("true")
	r.ClientToken = "token"
	first, err := b.RunCommand(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.RunCommand(ctx, r)
	if err != nil || again.InvokeId != first.InvokeId || again.CommandId != first.CommandId || again.RequestId == first.RequestId {
		t.Errorf("%+v, %+v, %v", first, again, err)
	}
	b.settle(first.InvokeId) // so that its script is not interrupted when the instance stops
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.Status = "Stopped" }); err != nil {
		t.Fatal(err)
	}
	if later, err := b.RunCommand(ctx, r); err != nil || later.InvokeId != first.InvokeId {
		t.Errorf("a later call does not return the first response: %+v, %v", later, err)
	}
	changed := *r
	changed.CommandContent = "false"
	_, err = b.RunCommand(ctx, &changed)
	wantRefused(t, err, "403 IdempotentParameterMismatch")
	if n := len(b.lab.Executions()); n != 1 {
		t.Errorf("%d executions", n)
	}
}

func TestRefusedCallReleasesToken(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("true")
	r.ClientToken = "token"
	r.InstanceId = []string{"i-none"}
	_, err := b.RunCommand(t.Context(), r)
	wantRefused(t, err, "404 InvalidInstance.NotFound")
	r.InstanceId = []string{nth(1)}
	b.settle(b.submit(r))
}

func TestTokensArePerAction(t *testing.T) {
	b := openFleet(t, 1)
	ctx := t.Context()
	create := &assist.CreateCommandRequest{RegionId: "cn-hangzhou", Name: "n", Type: "RunShellScript", CommandContent: "ZWNobw==", ClientToken: "token"}
	first, err := b.CreateCommand(ctx, create)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.CreateCommand(ctx, create); err != nil || again.CommandId != first.CommandId {
		t.Error(again, err)
	}
	invoke := &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: first.CommandId, InstanceId: []string{nth(1)}, ClientToken: "token"}
	one, err := b.InvokeCommand(ctx, invoke)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.InvokeCommand(ctx, invoke); err != nil || again.InvokeId != one.InvokeId {
		t.Error(again, err)
	}
	b.settle(one.InvokeId)
}

// TestTokensArePerRegion uses a token in a region without instances. The token must not apply there.
func TestTokensArePerRegion(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("true")
	r.ClientToken = "token"
	id := b.submit(r)
	elsewhere := *r
	elsewhere.RegionId = "cn-beijing"
	_, err := b.RunCommand(t.Context(), &elsewhere)
	wantRefused(t, err, "404 InvalidInstance.NotFound")
	if again := b.submit(r); again != id {
		t.Errorf("%s and %s", id, again)
	}
	b.settle(id)
}

// TestTokenRace sends the same call many times concurrently. It must be executed once, and all successful responses must be equal.
func TestTokenRace(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("true")
	r.ClientToken = "token"
	var wg sync.WaitGroup
	answers := make([]string, 32)
	for i := range answers {
		wg.Go(func() {
			answer, err := b.RunCommand(t.Context(), r)
			if err == nil {
				answers[i] = answer.InvokeId
			} else if refusedWith(err) != "403 IdempotentProcessing" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	id := b.submit(r)
	for _, answer := range answers {
		if answer != "" && answer != id {
			t.Errorf("%s and %s", answer, id)
		}
	}
	b.settle(id)
	if n := len(b.lab.Executions()); n != 1 {
		t.Errorf("%d executions", n)
	}
}

func TestDoOnce(t *testing.T) {
	tokens := newTokens()
	key := tokenKey{"account", "action", "token", ""}
	var calls atomic.Int32
	fail := func() (*string, error) { calls.Add(1); return nil, errors.New("refused") }
	succeed := func() (*string, error) { calls.Add(1); s := "response"; return &s, nil }
	if _, err := doOnce(tokens, key, nil, fail); err == nil {
		t.Error("no error")
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = doOnce(tokens, key, nil, func() (*string, error) { panic("on purpose") })
	}()
	_, err := doOnce(tokens, key, nil, func() (*string, error) {
		_, err := doOnce(tokens, key, nil, succeed)
		wantRefused(t, err, "403 IdempotentProcessing")
		_, err = doOnce(tokens, key, url.Values{"a": {"b"}}, succeed)
		wantRefused(t, err, "403 IdempotentParameterMismatch")
		return succeed()
	})
	if err != nil {
		t.Error(err)
	}
	for range 2 {
		got, err := doOnce(tokens, key, nil, fail)
		if err != nil || *got != "response" {
			t.Error(got, err)
			continue
		}
		*got = "changed by the caller"
	}
	_, err = doOnce(tokens, key, url.Values{"a": {"b"}}, succeed)
	wantRefused(t, err, "403 IdempotentParameterMismatch")
	if calls.Load() != 2 {
		t.Errorf("%d calls", calls.Load())
	}
}
