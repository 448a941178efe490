package target

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"muster/pkg/assist"
)

// newInstance returns an instance with its record.
func newInstance(place int, profile string, r *Record) Instance {
	r.Profile = profile
	return Instance{
		InstanceId: r.InstanceId, InstanceName: r.InstanceName, Place: place, Status: r.Status, OSType: r.OSType, Managed: r.Managed,
		Online: r.Managed && r.CloudAssistantStatus == "true", AgentVersion: r.CloudAssistantVersion, Record: r,
	}
}

func lookUpError(err error) error { return fmt.Errorf("look up instances: %w", err) }

// noManaged reports whether an error means that a region has no managed instances at all.
func noManaged(err error) bool {
	refused, ok := errors.AsType[*assist.Error](err)
	return ok && refused.Code == "RegionId.ApiNotSupported"
}

// walk lists the ECS instances of a request, page by page.
type walk func(context.Context, assist.DescribeInstancesRequest) iter.Seq2[listed, error]

// records returns a walk that includes the records of instances.
func (p Place) records(place int) walk {
	return func(ctx context.Context, request assist.DescribeInstancesRequest) iter.Seq2[listed, error] {
		return func(yield func(listed, error) bool) {
			for i, err := range p.API.AllInstances(ctx, request) {
				one := listed{zoneID: i.ZoneId, chargeType: i.InstanceChargeType, created: assist.ParseTime(i.CreationTime)}
				if err == nil {
					one.Instance = newInstance(place, p.Profile, recordOf(&i))
				}
				if !yield(one, err) {
					return
				}
			}
		}
	}
}

// summaries returns a walk with only what is needed to send something.
func (p Place) summaries(place int) walk {
	return func(ctx context.Context, request assist.DescribeInstancesRequest) iter.Seq2[listed, error] {
		return func(yield func(listed, error) bool) {
			for i, err := range p.API.AllInstanceSummaries(ctx, request) {
				one := Instance{InstanceId: i.InstanceId, InstanceName: i.InstanceName, Place: place, Status: i.Status, OSType: i.OSType}
				if !yield(listed{one, i.ZoneId, i.InstanceChargeType, assist.ParseTime(i.CreationTime)}, err) {
					return
				}
			}
		}
	}
}
