package lab

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// describeManagedInstances lists managed instances, including those whose agent is not connected. The page parameters also apply
// when ids are given.
func describeManagedInstances(c call, r *assist.DescribeManagedInstancesRequest) (*assist.DescribeManagedInstancesResponse, error) {
	p, err := readManagedPage("managed", r.Page, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	if n := len(r.InstanceId); n > assist.MaxDescribedManaged { // the service's error code is not documented
		return nil, assist.InvalidParameter("InvalidParameter.InstanceId", "InstanceId", fmt.Sprintf("%d, at most %d", n, assist.MaxDescribedManaged))
	}
	candidates := c.inventory.allManaged()
	if len(r.InstanceId) > 0 {
		candidates = slices.DeleteFunc(c.inventory.named(r.InstanceId), func(h *host) bool { return !h.isManaged() })
	}
	var hosts iter.Seq2[position, *host] = func(yield func(position, *host) bool) {
		for h := range after(p, unknown, candidates) {
			if matchesManaged(r, h.get()) && !yield(position{Index: h.index}, h) {
				return
			}
		}
	}
	response := new(assist.DescribeManagedInstancesResponse)
	var items []*host
	items, response.Paged = paginate(p, unknown, hosts)
	for _, h := range items {
		response.Instances = append(response.Instances, h.managedStatus())
	}
	return response, nil
}

// readManagedPage reads pages like readPage, but refuses PageNumber and PageSize with the codes documented for
// DescribeManagedInstances. DescribeActivations has the same codes.
func readManagedPage(list string, p assist.Page, most int) (page, error) {
	if p.MaxResults == 0 && p.NextToken == "" {
		switch {
		case p.PageSize < 0 || p.PageSize > int64(most):
			return page{}, invalidPage("InvalidParam.PageSize", "PageSize", most)
		case p.PageNumber < 0 || p.PageNumber > math.MaxInt32:
			return page{}, invalidPage("InvalidParam.PageNumber", "PageNumber", math.MaxInt32)
		}
	}
	return readPage(list, p, most)
}

// matchesManaged reports whether an instance matches all filters. InstanceName must match exactly: the documentation mentions
// no wildcards.
func matchesManaged(r *assist.DescribeManagedInstancesRequest, it *Instance) bool {
	return matchesFilter(it.InstanceName, r.InstanceName) &&
		matchesFilter(it.ResourceGroupId, r.ResourceGroupId) &&
		matchesFilter(it.Managed.ActivationId, r.ActivationId) &&
		matchesFilter(it.Managed.MachineId, r.MachineId) &&
		(r.InstanceIp == "" || r.InstanceIp == it.Managed.IntranetIp || r.InstanceIp == it.Managed.InternetIp) &&
		(r.OsType == "" || strings.EqualFold(r.OsType, it.OSType)) &&
		(r.Connected == nil || *r.Connected == it.connected()) &&
		hasAllTags(it.Tags.Tag, r.Tag)
}
