package target

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

// strict refuses to report agents if one of the ids has no instance.
type strict struct{ *directory }

func (s strict) DescribeCloudAssistantStatus(ctx context.Context, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	for _, id := range r.InstanceId {
		if !slices.ContainsFunc(s.instances, func(i assist.Instance) bool { return i.InstanceId == id }) {
			s.called("refused")
			return nil, &assist.Error{Action: r.Action(), Code: "InvalidInstance.NotFound", HTTPStatus: http.StatusNotFound}
		}
	}
	return s.directory.DescribeCloudAssistantStatus(ctx, r)
}

// TestAgentsOfIdsThatDoNotExist checks that an agent is known although the service refused to report it together with others.
func TestAgentsOfIdsThatDoNotExist(t *testing.T) {
	s := strict{crowd(10)}
	r := &Resolver{Places: []Place{{API: s, RegionId: "cn-x"}}, PageSize: 50, Concurrency: 4, Agents: true}
	found := resolved(t, r, selector(t, "instance", "i-000003,i-nosuch,i-000004"))
	if got := found.IDs(); !slices.Equal(got, []string{"i-000003", "i-000004"}) || !found.Instances[0].Online || !found.Instances[1].Online {
		t.Errorf("%+v", found.Instances)
	}
	if len(found.Unmatched) != 1 || s.calls["refused"] != 1 || s.calls["DescribeCloudAssistantStatus"] != 1 {
		t.Errorf("%v, calls %v", found.Unmatched, s.calls)
	}
}

// far answers after the region's latency.
type far struct{ *region }

func (f far) DescribeCloudAssistantStatus(ctx context.Context, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	time.Sleep(f.latency)
	return f.region.DescribeCloudAssistantStatus(ctx, r)
}

// TestAgentsTakeNoMoreRoundTrips checks that agents do not wait for the list if the selector has the ids, and take at most one
// more round trip, for the last page of a list, otherwise.
func TestAgentsTakeNoMoreRoundTrips(t *testing.T) {
	for text, trips := range map[string]int{"i-000001,i-000002": 1, "web-00000*": 2} {
		synctest.Test(t, func(t *testing.T) {
			g := populate(100, numbered)
			g.latency = 200 * time.Millisecond
			r := &Resolver{Places: []Place{{API: far{g}, RegionId: "cn-x"}}, PageSize: 50, Concurrency: 64, Agents: true}
			began := time.Now()
			if found := resolved(t, r, selector(t, "instance", text)); !found.Instances[0].Online {
				t.Errorf("%+v", found.Instances)
			}
			if took := time.Since(began); took > time.Duration(trips)*g.latency {
				t.Errorf("%s took %s, want %d round trips", text, took, trips)
			}
		})
	}
}
