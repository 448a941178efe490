package target

import (
	"context"
	"fmt"
	"iter"

	"muster/pkg/assist"
	"muster/pkg/target/nodeset"
)

// API is what is asked of the service.
type API interface {
	AllInstanceSummaries(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error]
	CountInstances(context.Context, assist.DescribeInstancesRequest) (assist.InstanceCount, error)
	AllInstances(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.Instance, error]
	AllManagedInstances(context.Context, assist.DescribeManagedInstancesRequest) iter.Seq2[assist.ManagedInstance, error]
	DescribeCloudAssistantStatus(context.Context, *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error)
}

// Place is where instances are looked for: a region, as the account of a profile sees it.
type Place struct {
	API      API
	RegionId string
	Profile  string // empty where there is only one account
}

// String returns the region, behind the profile where there is one.
func (p Place) String() string {
	if p.Profile == "" {
		return p.RegionId
	}
	return p.Profile + "/" + p.RegionId
}

// Resolver asks the service which instances a selector means. It sends nothing to any instance.
type Resolver struct {
	Places      []Place
	Groups      Groups
	PageSize    int  // ids a DescribeCloudAssistantStatus
	Concurrency int  // calls in flight
	Records     bool // each instance comes with its Record
	Agents      bool // each instance comes with the state of its agent

	resolved map[groupKey]*Found // the groups that have been looked up for the present call
}

// Found is who a selector means.
type Found struct {
	Instances []Instance  // in the order of the terms that name them, then in the service's
	Unmatched []Unmatched // what matches nothing; unless that is allowed, nothing may be sent
	Shared    []string    // names that were asked for and that several instances have
	Nobody    string      // why there is no instance although everything matches some; empty otherwise
}

// Resolve returns the instances of a selector, each once. What matches nothing is no error here, but among the Found.
// Errors are *SyntaxError for a value that cannot exist in the regions, *GroupError, *WhereError, and those of the API's
// calls.
func (r *Resolver) Resolve(ctx context.Context, s Selector) (*Found, error) {
	if err := r.judge(s); err != nil {
		return nil, err
	}
	sw, err := r.newSweep(ctx, s)
	if err != nil {
		return nil, err
	}
	return sw.run(ctx)
}

// Among is Resolve for a selector that chooses from the given instances alone, of which at least the id and the place are
// known. One that the service does not list any more is Missing.
func (r *Resolver) Among(ctx context.Context, s Selector, given []Instance) (*Found, error) {
	if err := r.judge(s); err != nil {
		return nil, err
	}
	sw, err := r.newSweep(ctx, s)
	if err != nil {
		return nil, err
	}
	sw.given = given
	return sw.run(ctx)
}

// judge finds what is wrong with a selector before anything is asked.
func (r *Resolver) judge(s Selector) error {
	r.resolved = map[groupKey]*Found{}
	if n := s.names(); n > nodeset.MaxNames {
		return &SyntaxError{From: "the terms", Text: fmt.Sprint(n, " names"), Want: fmt.Sprintf("at most %d names in all", nodeset.MaxNames)}
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if c.check == nil {
			continue
		}
		for _, v := range c.values {
			if v.pattern != nil {
				continue
			}
			if wrong := c.check(r.Places, v.text); wrong != nil {
				return wrong
			}
		}
	}
	return r.Groups.Check(s)
}

// at adds to an error which of several places it is about.
func (r *Resolver) at(place int, err error) error {
	if err == nil || len(r.Places) == 1 {
		return err
	}
	return fmt.Errorf("%s: %w", r.Places[place], err)
}
