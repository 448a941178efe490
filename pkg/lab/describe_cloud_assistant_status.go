package lab

import (
	"fmt"
	"iter"
	"net/http"
	"strings"

	"muster/pkg/assist"
)

// describeCloudAssistantStatus tells of the agents. How many ids it takes is not documented; as no page follows, it is a
// page's worth here.
func describeCloudAssistantStatus(c call, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	wanted := r.Page
	if n := len(r.InstanceId); n > c.limits.PageSize {
		return nil, refusal(http.StatusForbidden, "InstanceIds.ExceedLimit",
			fmt.Sprintf("The number of instance IDs exceeds the upper limit: %d, at most %d.", n, c.limits.PageSize))
	} else if n > 0 {
		wanted = assist.Page{PageSize: int64(c.limits.PageSize)}
	}
	p, err := readPage("agents", wanted, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	var agents iter.Seq2[place, assist.InstanceCloudAssistantStatus] = func(yield func(place, assist.InstanceCloudAssistantStatus) bool) {
		for h := range c.fleet.after(p, r.InstanceId) {
			status := h.agentStatus()
			if (r.OSType == "" || strings.EqualFold(r.OSType, status.OSType)) && !yield(place{Index: h.index}, status) {
				return
			}
		}
	}
	response := new(assist.DescribeCloudAssistantStatusResponse)
	response.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus, response.Paged = take(p, agents)
	return response, nil
}
