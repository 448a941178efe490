package lab

import (
	"encoding/json"
	"errors"
	"testing"

	"muster/pkg/assist"
)

func TestDescribeCloudAssistantSettings(t *testing.T) {
	for _, c := range []struct {
		types []string
		want  string // the response, or the code of the error
	}{
		{[]string{"AgentUpgradeConfig"}, `{"RequestId":"","AgentUpgradeConfig":{"Enabled":false,"AllowedUpgradeWindows":{"AllowedUpgradeWindow":[]},"TimeZone":""}}`},
		{[]string{"SessionManagerConfig"}, `{"RequestId":"","SessionManagerConfig":{"SessionManagerEnabled":false}}`},
		{[]string{"InvocationDelivery"}, `{"RequestId":"","OssDeliveryConfigs":{"OssDeliveryConfig":[]},"SlsDeliveryConfigs":{"SlsDeliveryConfig":[]}}`},
		{nil, "MissingParameter.SettingType"},
		{[]string{"AgentUpgradeConfig", "Other"}, "InvalidParameter.SettingType"},
	} {
		r := &assist.DescribeCloudAssistantSettingsRequest{RegionId: "cn-hangzhou", SettingType: c.types}
		if err := r.Validate(); err != nil {
			if faults, ok := errors.AsType[assist.ValidationErrors](err); !ok || faults[0].Code != c.want {
				t.Errorf("%q: %v, want %s", c.types, err, c.want)
			}
			continue
		}
		response, err := describeCloudAssistantSettings(call{}, r)
		if err != nil {
			t.Fatal(err)
		}
		assist.FillLists(response)
		if text, _ := json.Marshal(response); string(text) != c.want {
			t.Errorf("%q: %s, want %s", c.types, text, c.want)
		}
	}
}
