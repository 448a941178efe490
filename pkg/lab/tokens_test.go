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
	b.settle(first.InvokeId) // a script that has not begun would not, on an instance that is down
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.Status = "Stopped" }); err != nil {
		t.Fatal(err)
	}
	if later, err := b.RunCommand(ctx, r); err != nil || later.InvokeId != first.InvokeId {
		t.Errorf("the first answer does not stand: %+v, %v", later, err)
	}
	changed := *r
	changed.CommandContent = "false"
	_, err = b.RunCommand(ctx, &changed)
	wantRefused(t, err, "403 IdempotentParameterMismatch")
	if n := len(b.lab.Executions()); n != 1 {
		t.Errorf("%d executions", n)
	}
}

func TestRefusedCallLeavesItsToken(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("true")
	r.ClientToken = "token"
	r.InstanceId = []string{"i-none"}
	_, err := b.RunCommand(t.Context(), r)
	wantRefused(t, err, "404 InvalidInstance.NotFound")
	r.InstanceId = []string{nth(1)}
	b.settle(b.submit(r))
}

func TestTokensOfOtherActions(t *testing.T) {
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

// TestTokensOfOtherRegions has a token count for its own region only, and the lab has one.
func TestTokensOfOtherRegions(t *testing.T) {
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

// TestTokenRace sends the same call many times at once: it is carried out once, and whoever is answered gets that answer.
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

func TestOnce(t *testing.T) {
	tokens := newTokens()
	key := tokenKey{"account", "action", "token"}
	var calls atomic.Int32
	fails := func() (*string, error) { calls.Add(1); return nil, errors.New("refused") }
	works := func() (*string, error) { calls.Add(1); s := "answer"; return &s, nil }
	if _, err := doOnce(tokens, key, nil, fails); err == nil {
		t.Error("no error")
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = doOnce(tokens, key, nil, func() (*string, error) { panic("on purpose") })
	}()
	_, err := doOnce(tokens, key, nil, func() (*string, error) {
		_, err := doOnce(tokens, key, nil, works)
		wantRefused(t, err, "403 IdempotentProcessing")
		_, err = doOnce(tokens, key, url.Values{"a": {"b"}}, works)
		wantRefused(t, err, "403 IdempotentParameterMismatch")
		return works()
	})
	if err != nil {
		t.Error(err)
	}
	for range 2 {
		got, err := doOnce(tokens, key, nil, fails)
		if err != nil || *got != "answer" {
			t.Error(got, err)
			continue
		}
		*got = "changed by the caller"
	}
	_, err = doOnce(tokens, key, url.Values{"a": {"b"}}, works)
	wantRefused(t, err, "403 IdempotentParameterMismatch")
	if calls.Load() != 2 {
		t.Errorf("%d calls", calls.Load())
	}
}
