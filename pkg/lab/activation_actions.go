package lab

import (
	"cmp"
	"iter"
	"net/http"

	"muster/pkg/assist"
)

// createActivation makes an activation code. The lab keeps only its SHA-256: the response is the only place where the code is.
// Activations can only be made in the regions that the lab serves.
func createActivation(c call, r *assist.CreateActivationRequest) (*assist.CreateActivationResponse, error) {
	if !servesRegion(c.Lab, c.region) {
		return nil, assist.Refusal(http.StatusBadRequest, "RegionId.ApiNotSupported", "The api is not supported in this region: "+regionsOfLab(c.Lab)+".")
	}
	code := newActivationCode(c.region)
	a := activation{
		ActivationId: newRequestID(), CodeHash: hashCode(code), InstanceName: r.InstanceName, Description: r.Description,
		InstanceCount: cmp.Or(r.InstanceCount, assist.DefaultActivationInstances), Hours: cmp.Or(r.TimeToLiveInHours, assist.DefaultActivationHours),
		IpAddressRange: r.IpAddressRange, ResourceGroupId: r.ResourceGroupId, Tags: tagPairs(r.Tag), Created: c.clock.Now(),
	}
	if err := c.activations.add(a); err != nil {
		return nil, err
	}
	return &assist.CreateActivationResponse{ActivationId: a.ActivationId, ActivationCode: code}, nil
}

// describeActivations lists activations, newest first. InstanceName must match exactly: the documentation mentions no wildcards.
func describeActivations(c call, r *assist.DescribeActivationsRequest) (*assist.DescribeActivationsResponse, error) {
	p, err := readManagedPage("activations", r.Page, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	var list iter.Seq2[position, *activation] = func(yield func(position, *activation) bool) {
		for _, a := range c.activations.newest(p.before()) {
			matches := matchesFilter(a.ActivationId, r.ActivationId) && matchesFilter(a.InstanceName, r.InstanceName) &&
				matchesFilter(a.ResourceGroupId, r.ResourceGroupId) && hasAllTags(a.Tags, r.Tag)
			if matches && !yield(position{Sequence: a.Sequence}, a) {
				return
			}
		}
	}
	response := new(assist.DescribeActivationsResponse)
	var items []*activation
	items, response.Paged = paginate(p, unknown, list)
	for _, a := range items {
		response.ActivationList = append(response.ActivationList, assist.Activation{
			ActivationUsage: a.usage(), Disabled: a.Disabled, ResourceGroupId: a.ResourceGroupId, Tags: a.Tags,
		})
	}
	return response, nil
}

func disableActivation(c call, r *assist.DisableActivationRequest) (*assist.DisableActivationResponse, error) {
	a, err := c.activations.disable(r.ActivationId)
	if err != nil {
		return nil, err
	}
	response := new(assist.DisableActivationResponse)
	response.Activation.ActivationUsage, response.Activation.Disabled = a.usage(), a.Disabled
	return response, nil
}

func deleteActivation(c call, r *assist.DeleteActivationRequest) (*assist.DeleteActivationResponse, error) {
	a, err := c.activations.remove(r.ActivationId)
	if err != nil {
		return nil, err
	}
	return &assist.DeleteActivationResponse{Activation: a.usage()}, nil
}
