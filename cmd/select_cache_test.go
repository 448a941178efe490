package cmd

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/target"
)

// countedService is a service with instances that counts how often they are listed.
type countedService struct {
	target.API
	ids  []string
	err  error // after the last instance
	asks int
}

func (s *countedService) AllInstanceSummaries(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return func(yield func(assist.InstanceSummary, error) bool) {
		s.asks++
		for _, id := range s.ids {
			if !yield(assist.InstanceSummary{InstanceId: id}, nil) {
				return
			}
		}
		if s.err != nil {
			yield(assist.InstanceSummary{}, s.err)
		}
	}
}

func (s *countedService) CountInstances(context.Context, assist.DescribeInstancesRequest) (assist.InstanceCount, error) {
	s.asks++
	return assist.InstanceCount{Total: len(s.ids)}, s.err
}

// cachedOf returns the API of an identity.
func cachedOf(s *countedService, dir, identity string) *cachedAPI {
	return &cachedAPI{API: s, lists: &cachedLists{dir: dir}, identify: func(context.Context) string { return identity }}
}

// walked returns the first instances of a list, or all.
func walked(t *testing.T, api *cachedAPI, request assist.DescribeInstancesRequest, most int) (ids []string, err error) {
	for i, err := range api.AllInstanceSummaries(t.Context(), request) {
		if err != nil {
			return ids, err
		}
		if ids = append(ids, i.InstanceId); len(ids) == most {
			break
		}
	}
	return ids, nil
}

func TestCachedLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "lists")
		service := &countedService{ids: []string{"i-1", "i-2", "i-3"}}
		all := assist.DescribeInstancesRequest{RegionId: "cn-hangzhou"}
		some := assist.DescribeInstancesRequest{RegionId: "cn-hangzhou", ZoneId: "cn-hangzhou-a"}
		asks := func(what string, want int, identity string, request assist.DescribeInstancesRequest) {
			t.Helper()
			service.asks = 0
			ids, err := walked(t, cachedOf(service, dir, identity), request, 0)
			if err != nil || !slices.Equal(ids, service.ids) || service.asks != want {
				t.Errorf("%s: %v, %v by %d calls", what, ids, err, service.asks)
			}
		}
		asks("the first time", 1, "me", all)
		asks("again", 0, "me", all)
		asks("another identity", 1, "you", all)
		asks("another request", 1, "me", some)
		asks("unknown identity", 1, "", all)
		asks("unknown identity, again", 1, "", all)
		<-time.After(listLife - time.Nanosecond)
		asks("just in time", 0, "me", all)
		<-time.After(time.Nanosecond)
		service.ids = []string{"i-4"}
		asks("too late", 1, "me", all)

		path := cachedOf(service, dir, "me").path(t.Context(), "summaries", all)
		for _, broken := range []string{"", "{", `{"Time":"2100-01-01T00:00:00Z","Complete":true,"Instances":[]}`, `[]`, `{"Time":"` + time.Now().Format(time.RFC3339) + `","Complete":true,"Instances":[{}]}`} {
			if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
				t.Fatal(err)
			}
			asks("broken: "+broken, 1, "me", all)
			asks("mended", 0, "me", all)
		}
		for name, want := range map[string]fs.FileMode{path: 0o600, dir: 0o700} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		}
	})
}

// TestFailedListsAreNotCached checks that failed lists and counts are not cached.
func TestFailedListsAreNotCached(t *testing.T) {
	dir := t.TempDir()
	service := &countedService{ids: []string{"i-1"}, err: errors.New("refused")}
	request := assist.DescribeInstancesRequest{}
	for range 2 {
		if _, err := walked(t, cachedOf(service, dir, "me"), request, 0); !errors.Is(err, service.err) {
			t.Errorf("%v", err)
		}
		if _, err := cachedOf(service, dir, "me").CountInstances(t.Context(), request); !errors.Is(err, service.err) {
			t.Errorf("%v", err)
		}
	}
	if service.asks != 4 {
		t.Errorf("%d calls", service.asks)
	}
	service.err, service.asks = nil, 0
	for range 2 {
		if count, err := cachedOf(service, dir, "me").CountInstances(t.Context(), request); err != nil || count.Total != 1 {
			t.Errorf("%v, %v", count, err)
		}
	}
	if service.asks != 1 {
		t.Errorf("%d calls", service.asks)
	}
}

// TestCachedListsOfEarlyReaders checks lists whose reader stops early, as when long lists are read in parallel parts.
func TestCachedListsOfEarlyReaders(t *testing.T) {
	dir := t.TempDir()
	service := &countedService{ids: []string{"i-1", "i-2", "i-3"}}
	for _, test := range []struct {
		most, asks int
		want       []string
	}{
		{2, 1, []string{"i-1", "i-2"}},
		{2, 0, []string{"i-1", "i-2"}},
		{0, 1, []string{"i-1", "i-2", "i-1", "i-2", "i-3"}}, // the cached ones, and then all
		{0, 0, []string{"i-1", "i-2", "i-3"}},
	} {
		service.asks = 0
		ids, err := walked(t, cachedOf(service, dir, "me"), assist.DescribeInstancesRequest{}, test.most)
		if err != nil || !slices.Equal(ids, test.want) || service.asks != test.asks {
			t.Errorf("%v, %v by %d calls, want %v by %d", ids, err, service.asks, test.want, test.asks)
		}
	}
}

func TestExpiredListsAreRemoved(t *testing.T) {
	dir := t.TempDir()
	service := &countedService{ids: []string{"i-1"}}
	old := filepath.Join(dir, "old.json")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := time.Now().Add(-2 * listLife)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	if _, err := walked(t, cachedOf(service, dir, "me"), assist.DescribeInstancesRequest{}, 0); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 || left[0] == old {
		t.Errorf("%v, %v", left, err)
	}
}
