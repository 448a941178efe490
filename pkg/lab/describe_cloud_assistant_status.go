package lab

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// describeCloudAssistantStatus lists the agents. The largest number of ids is not documented; here it is one page, because all are
// returned at once. Managed instances are listed only by id: whether the service lists them without InstanceId is unknown.
func describeCloudAssistantStatus(c call, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	requested := r.Page
	if n := len(r.InstanceId); n > c.limits.PageSize {
		return nil, assist.Refusal(http.StatusForbidden, "InstanceIds.ExceedLimit",
			fmt.Sprintf("The number of instance IDs exceeds the upper limit: %d, at most %d.", n, c.limits.PageSize))
	} else if n > 0 {
		requested = assist.Page{PageSize: int64(c.limits.PageSize)}
	}
	p, err := readPage("agents", requested, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	total := unknown
	if r.OSType == "" && r.InstanceId == nil {
		total = len(c.inventory.ecs)
	}
	candidates := c.inventory.ecs
	if r.InstanceId != nil {
		candidates = c.inventory.named(r.InstanceId)
	}
	var hosts iter.Seq2[position, *host] = func(yield func(position, *host) bool) {
		for h := range after(p, total, candidates) {
			if (r.OSType == "" || strings.EqualFold(r.OSType, h.get().agentOS())) && !yield(position{Index: h.index}, h) {
				return
			}
		}
	}
	response := new(assist.DescribeCloudAssistantStatusResponse)
	var items []*host
	items, response.Paged = paginate(p, total, hosts)
	set := &response.InstanceCloudAssistantStatusSet
	for _, h := range items {
		set.InstanceCloudAssistantStatus = append(set.InstanceCloudAssistantStatus, h.agentStatus())
	}
	return response, nil
}

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
