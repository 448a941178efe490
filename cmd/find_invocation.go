package cmd

import (
	"context"
	"fmt"
	"time"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/sleep"
)

// lookup finds invocations by id, or as those of a run.
type lookup struct {
	*printer
	*connector
	*finder
	runs *runStore
}

const (
	// listingDelay is the time that the service may take to list a new invocation. listingPause is the time between two attempts.
	listingDelay = 10 * time.Second
	listingPause = 700 * time.Millisecond
	// maxSimilar bounds how many similar ids or names are suggested.
	maxSimilar = 3
	// latestRuns is the number of journals searched for similar ids.
	latestRuns = 20
)

// findInvocation returns an invocation, or a *fleet.UnknownInvocationError. The service may list a new one late: it is asked twice,
// and for longer if a run on this machine has submitted the invocation.
func (lk *lookup) findInvocation(ctx context.Context, s *session, invokeID string) (*assist.Invocation, error) {
	began := time.Now()
	for look := 1; ; look++ {
		found, err := lookUpInvocation(ctx, s, invokeID)
		if found != nil || err != nil {
			return found, err
		}
		if look > 1 && (time.Since(began) > listingDelay || !lk.runs.submittedHere(s.site)(invokeID)) {
			return nil, lk.unknownInvocation(ctx, s, invokeID)
		}
		if err := sleep.For(ctx, listingPause); err != nil {
			return nil, err
		}
	}
}

func lookUpInvocation(ctx context.Context, s *session, invokeID string) (*assist.Invocation, error) {
	request := assist.DescribeInvocationsRequest{RegionId: s.region, InvokeId: invokeID}
	for invocation, err := range s.client.AllInvocations(ctx, request) {
		if err != nil {
			return nil, fmt.Errorf("look up %s: %w", invokeID, err)
		}
		if invocation.InvokeId == invokeID {
			return &invocation, nil
		}
	}
	return nil, nil
}

// unknownInvocation returns the error of an invocation that does not exist.
func (lk *lookup) unknownInvocation(ctx context.Context, s *session, invokeID string) error {
	unknown := &fleet.UnknownInvocationError{InvokeId: invokeID, RegionId: s.region}
	lk.addNearIDs(ctx, s, unknown)
	return unknown
}

// addNearIDs adds what the journals on this machine know about the invocation. If they know nothing, it adds similar ids of the
// latest runs and of the service's latest invocations.
func (lk *lookup) addNearIDs(ctx context.Context, s *session, unknown *fleet.UnknownInvocationError) {
	dir, err := runsDir()
	if err == nil {
		runID, at, ok := dir.SubmittedBy(unknown.InvokeId)
		switch {
		case ok && at.RegionId != s.region:
			unknown.Reason = fmt.Sprintf("run %s submitted it in %s", runID, at.RegionId)
			return
		case ok:
			unknown.Reason = fmt.Sprintf("run %s submitted it, but the service no longer has a record of it, or it belongs to another account", runID)
			return
		}
	}
	var known []string
	request := &assist.DescribeInvocationsRequest{RegionId: s.region}
	request.MaxResults = int64(lk.config.PageSize)
	if page, err := s.client.DescribeInvocations(ctx, request); err == nil { // an error leaves fewer ids to suggest
		for _, invocation := range page.Invocations.Invocation {
			known = append(known, invocation.InvokeId)
		}
	}
	if err == nil {
		known = append(known, dir.RecentInvocations(latestRuns, s.region)...)
	}
	unknown.Near = config.Similar(unknown.InvokeId, known, maxSimilar)
}

// instancesOf returns the ids of an invocation's instances.
func (lk *lookup) instancesOf(ctx context.Context, s *session, invokeID string) ([]string, error) {
	invocation, err := lk.findInvocation(ctx, s, invokeID)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, instance := range invocation.InvokeInstances.InvokeInstance {
		ids = append(ids, instance.InstanceId)
	}
	return ids, nil
}
