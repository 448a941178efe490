package target

import (
	"context"
	"fmt"
	"iter"

	"muster/pkg/assist"
	"muster/pkg/target/nodeset"
)

// API is the part of the service's API that resolving selectors needs.
type API interface {
	AllInstanceSummaries(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error]
	CountInstances(context.Context, assist.DescribeInstancesRequest) (assist.InstanceCount, error)
	AllInstances(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.Instance, error]
	AllManagedInstances(context.Context, assist.DescribeManagedInstancesRequest) iter.Seq2[assist.ManagedInstance, error]
	DescribeCloudAssistantStatus(context.Context, *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error)
}

// Place is a source of instances: a region, as the account of a profile sees it.
type Place struct {
	API      API
	RegionId string
	Profile  string // empty if there is only one account
}

// String returns the region, after the profile if there is one.
func (p Place) String() string {
	if p.Profile == "" {
		return p.RegionId
	}
	return p.Profile + "/" + p.RegionId
}

// Resolver asks the service for the instances that a selector means. It sends nothing to any instance.
type Resolver struct {
	Places      []Place
	Groups      Groups
	PageSize    int  // ids per DescribeCloudAssistantStatus call
	Concurrency int  // the largest number of calls at a time
	Records     bool // each instance comes with its Record
	Agents      bool // each instance comes with the state of its agent

	resolved map[groupKey]*Found // the groups that have been resolved during the current call
}

// Found is the result of resolving a selector.
type Found struct {
	Instances   []Instance  // in the order of the terms that name them, then in the service's order
	Unmatched   []Unmatched // parts that match nothing; unless that is allowed, nothing may be sent
	Shared      []string    // names in the selector that several instances have
	NoInstances string      // why no instance is left although every part matches some; empty otherwise
}

// Resolve returns the instances of a selector, each once. Parts that match nothing are not an error, but part of the result.
// Errors are *[SyntaxError] for a value that is not possible in the regions, *[GroupError], *[WhereError], and those of the
// API's calls.
func (r *Resolver) Resolve(ctx context.Context, s Selector) (*Found, error) {
	if err := r.validate(s); err != nil {
		return nil, err
	}
	q, err := r.newQuery(ctx, s)
	if err != nil {
		return nil, err
	}
	return q.run(ctx)
}

// Among is like [Resolver.Resolve] for a selector that chooses only from the given instances, of which at least the id and the
// place are known. An instance that the service does not list any more is Missing.
func (r *Resolver) Among(ctx context.Context, s Selector, given []Instance) (*Found, error) {
	if err := r.validate(s); err != nil {
		return nil, err
	}
	q, err := r.newQuery(ctx, s)
	if err != nil {
		return nil, err
	}
	q.given = given
	return q.run(ctx)
}

// validate returns an error if a selector is invalid, before anything is asked of the service.
func (r *Resolver) validate(s Selector) error {
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

// at adds the place to an error if there are several places.
func (r *Resolver) at(place int, err error) error {
	if err == nil || len(r.Places) == 1 {
		return err
	}
	return fmt.Errorf("%s: %w", r.Places[place], err)
}
