package lab

import (
	"slices"

	"muster/pkg/assist"
)

// describeCloudAssistantSettings returns the settings of an account that has changed none: nothing is delivered, agents upgrade
// whenever they like, and there are no sessions, which the lab does not have.
func describeCloudAssistantSettings(_ call, r *assist.DescribeCloudAssistantSettingsRequest) (*assist.DescribeCloudAssistantSettingsResponse, error) {
	response := new(assist.DescribeCloudAssistantSettingsResponse)
	asked := func(name string) bool { return slices.Contains(r.SettingType, name) }
	if asked(assist.SettingSessionManagerDelivery) || asked(assist.SettingInvocationDelivery) {
		response.OssDeliveryConfigs = new(assist.OssDeliveryConfigs)
		response.SlsDeliveryConfigs = new(assist.SlsDeliveryConfigs)
	}
	if asked(assist.SettingAgentUpgrade) {
		response.AgentUpgradeConfig = new(assist.AgentUpgradeConfig)
	}
	if asked(assist.SettingSessionManager) {
		response.SessionManagerConfig = new(assist.SessionManagerConfig)
	}
	return response, nil
}
