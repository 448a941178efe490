package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"muster/pkg/assist"
)

// The checks of the account's settings of Cloud Assistant.
const (
	checkSessionManager = "session manager"
	checkAgentUpgrades  = "agent upgrades"
)

// accountSettings reports settings of the account that affect its instances. muster needs none of them, so nothing here fails.
func (d *diagnosis) accountSettings(ctx context.Context, s *session) {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	answer, err := s.client.DescribeCloudAssistantSettings(ctx, &assist.DescribeCloudAssistantSettingsRequest{
		RegionId: s.region, SettingType: []string{assist.SettingSessionManager, assist.SettingAgentUpgrade},
	})
	if err != nil {
		d.unknownSettings(err)
		return
	}
	switch config := answer.SessionManagerConfig; {
	case config == nil:
		d.add(checkSessionManager, checkSkipped, "not reported by the service", "")
	case config.SessionManagerEnabled:
		d.add(checkSessionManager, checkOK, "on, in all regions", "")
	default:
		d.add(checkSessionManager, checkOK, "off, in all regions; muster does not use it", "")
	}
	d.agentUpgrades(answer.AgentUpgradeConfig)
}

func (d *diagnosis) agentUpgrades(config *assist.AgentUpgradeConfig) {
	if config == nil || !config.Enabled {
		d.add(checkAgentUpgrades, checkOK, "at any time: agents try every 30 minutes", "")
		return
	}
	windows := strings.Join(config.AllowedUpgradeWindows.AllowedUpgradeWindow, ", ")
	if windows == "" {
		d.add(checkAgentUpgrades, checkWarn, "only in certain windows, of which there are none", "allow windows in the settings of Cloud Assistant")
		return
	}
	if config.TimeZone != "" {
		windows += fmt.Sprintf(" (%s)", config.TimeZone)
	}
	d.add(checkAgentUpgrades, checkOK, "only at "+windows, "")
}

// unknownSettings reports that the settings could not be read.
func (d *diagnosis) unknownSettings(err error) {
	status, detail := checkWarn, "unknown: "+strings.Join(strings.Fields(d.app.explain(err)), " ")
	if refused, ok := errors.AsType[*assist.Error](err); ok && refused.Denied() {
		status, detail = checkSkipped, "DescribeCloudAssistantSettings is refused, and only doctor uses it: "+refused.Code
	}
	d.add(checkSessionManager, status, detail, "")
	d.add(checkAgentUpgrades, status, "see "+checkSessionManager+" above", "")
}
