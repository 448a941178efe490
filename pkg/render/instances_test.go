package render

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
	"muster/pkg/target"
)

// TestInstancesWide has an instance with all properties, and one with only an id.
func TestInstancesWide(t *testing.T) {
	document := NewInstances([]*target.Record{
		{
			InstanceId: "i-1", InstanceName: "web-1", HostName: "web-1.local", Status: "Running", OSType: "linux", OSName: "Debian 12",
			RegionId: "cn-hangzhou", ZoneId: "cn-hangzhou-a", InstanceType: "ecs.g7.large", CreationTime: "2026-01-02T03:04Z",
			PrivateIpAddress: []string{"10.0.0.1"}, PublicIpAddress: []string{"192.0.2.1", "192.0.2.2"},
			Tags:                 []assist.TagPair{{TagKey: "env", TagValue: "prod"}},
			CloudAssistantStatus: "false", CloudAssistantVersion: "2.2.3.857", LastHeartbeatTime: "2026-02-03T04:05:06Z",
		},
		{InstanceId: "i-2", RegionId: "cn-hangzhou", ZoneId: "cn-hangzhou-b"},
	})
	for format, want := range map[Format]string{
		Table: `INSTANCE  NAME   STATUS   AGENT    OS     ZONE           ADDRESS   TAGS
i-1       web-1  Running  offline  linux  cn-hangzhou-a  10.0.0.1  env=prod
i-2       -      -        none     -      cn-hangzhou-b  -         -
`,
		Wide: `INSTANCE  NAME   STATUS   AGENT    OS     ZONE           ADDRESS   TAGS      PUBLIC ADDRESS       HOST         TYPE          OS NAME    AGENT VERSION  LAST SEEN             CREATED
i-1       web-1  Running  offline  linux  cn-hangzhou-a  10.0.0.1  env=prod  192.0.2.1,192.0.2.2  web-1.local  ecs.g7.large  Debian 12  2.2.3.857      2026-02-03T04:05:06Z  2026-01-02T03:04Z
i-2       -      -        none     -      cn-hangzhou-b  -         -         -                    -            -             -          -              -                     -
`,
	} {
		if diff := cmp.Diff(want, written(t, format, document)); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}
