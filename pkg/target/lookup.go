package target

import (
	"errors"
	"fmt"

	"muster/pkg/assist"
)

// newInstance is an instance with its record, as a place has it.
func newInstance(place int, profile string, r *Record) Instance {
	r.Profile = profile
	return Instance{
		InstanceId: r.InstanceId, InstanceName: r.InstanceName, Place: place, Status: r.Status, OSType: r.OSType, Managed: r.Managed,
		Online: r.Managed && r.CloudAssistantStatus == "true", AgentVersion: r.CloudAssistantVersion, Record: r,
	}
}

func lookUpError(err error) error { return fmt.Errorf("look up instances: %w", err) }

// noManaged reports whether an error says that a region has no managed instances at all.
func noManaged(err error) bool {
	refused, ok := errors.AsType[*assist.Error](err)
	return ok && refused.Code == "RegionId.ApiNotSupported"
}
