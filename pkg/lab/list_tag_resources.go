package lab

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"unicode/utf8"

	"muster/pkg/assist"
)

const (
	maxTagResourceIDs = 50
	maxTagPatterns    = 5   // also the limit of values in a pattern
	maxTagText        = 128 // characters of a key or a value
	// resourceGroupKey is the key of the tag that stands for a resource group.
	resourceGroupKey = "acs:rm:rgId"
)

// taggedResource is a resource with its tags.
type taggedResource struct {
	sequence uint64 // its position in the list of its type
	id       string
	group    string
	tags     []assist.TagPair
}

// listTagResources lists the tags of ECS instances or managed instances in the order of the inventory, and of commands and
// invocations newest first. The lab has no other types of resources. Whether the service shows all tags of a resource that was
// found by one tag is not documented; the lab shows all.
func listTagResources(c call, r *assist.ListTagResourcesRequest) (*assist.ListTagResourcesResponse, error) {
	if err := checkTagRequest(r); err != nil {
		return nil, err
	}
	p, err := readPage("tags", assist.Page{NextToken: r.NextToken, MaxResults: int64(c.limits.PageSize)}, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	var tags iter.Seq2[position, assist.TagResource] = func(yield func(position, assist.TagResource) bool) {
		for b := range c.taggedResources(r.ResourceType, p) {
			if !matchesTagRequest(r, b) {
				continue
			}
			for i, tag := range b.tags {
				at := position{b.sequence, i}
				converted := assist.TagResource{ResourceId: b.id, ResourceType: r.ResourceType, TagKey: tag.TagKey, TagValue: tag.TagValue}
				if !p.seen(at) && !yield(at, converted) {
					return
				}
			}
		}
	}
	response := new(assist.ListTagResourcesResponse)
	var paged assist.Paged
	response.TagResources.TagResource, paged = paginate(p, unknown, tags)
	response.NextToken = paged.NextToken
	return response, nil
}

// checkTagRequest refuses requests with the codes that the service documents. The service requires ids or tags, but documents no
// code for requests without both; the lab uses the code of a tag without a key.
func checkTagRequest(r *assist.ListTagResourcesRequest) error {
	tooLong := fmt.Sprintf("it is longer than %d characters", maxTagText)
	switch {
	case r.ResourceType == "":
		return assist.MissingParameter("ResourceType")
	case !slices.Contains(taggedTypes(), r.ResourceType):
		return assist.Refusal(http.StatusNotFound, "InvalidResourceType.NotFound", "The ResourceType provided does not exist in our records: "+r.ResourceType+".")
	case len(r.ResourceId) == 0 && len(r.Tag) == 0 && len(r.TagFilter) == 0:
		return assist.Refusal(http.StatusBadRequest, "MissingParameter.TagKey", "You must specify ResourceId.N, Tag.N.Key or TagFilter.N.TagKey.")
	case len(r.ResourceId) > maxTagResourceIDs:
		return assist.InvalidParameter("NumberExceed.ResourceIds", "ResourceId", fmt.Sprintf("%d, at most %d", len(r.ResourceId), maxTagResourceIDs))
	case len(r.Tag) > assist.MaxTags:
		return assist.InvalidParameter("NumberExceed.Tags", "Tag", fmt.Sprintf("%d, at most %d", len(r.Tag), assist.MaxTags))
	case len(r.Tag) > 0 && len(r.TagFilter) > 0:
		return assist.InvalidParameter("InvalidParameter.TagFilter", "TagFilter", "it cannot be combined with Tag")
	case len(r.TagFilter) > maxTagPatterns:
		return assist.InvalidParameter("InvalidParameter.TagFilter", "TagFilter", fmt.Sprintf("%d, at most %d", len(r.TagFilter), maxTagPatterns))
	}
	for i, tag := range r.Tag {
		name := fmt.Sprintf("Tag.%d", i+1)
		switch {
		case tag.Key == "":
			return assist.InvalidParameter("InvalidParameter.TagValue", name+".Value", "it has no Key")
		case utf8.RuneCountInString(tag.Key) > maxTagText:
			return assist.InvalidParameter("InvalidParameter.TagKey", name+".Key", tooLong)
		case tag.Value != nil && utf8.RuneCountInString(*tag.Value) > maxTagText:
			return assist.InvalidParameter("InvalidParameter.TagValue", name+".Value", tooLong)
		}
	}
	for _, pattern := range r.TagFilter {
		switch n := len(pattern.TagValues); {
		case pattern.TagKey == "":
			return assist.InvalidParameter("InvalidParameter.TagFilter", "TagFilter", "it has no TagKey")
		case n > maxTagPatterns:
			return assist.InvalidParameter("InvalidParameter.TagFilter", "TagFilter", fmt.Sprintf("%d TagValues, at most %d", n, maxTagPatterns))
		}
	}
	return nil
}

// taggedTypes returns the types of resources that can have tags in the service.
func taggedTypes() []string {
	return []string{
		"instance", "command", "invocation", "managedinstance", "activation", "disk", "snapshot", "image", "securitygroup",
		"volume", "eni", "ddh", "ddhcluster", "keypair", "launchtemplate", "reservedinstance", "snapshotpolicy",
		"elasticityassurance", "capacityreservation",
	}
}

// taggedResources returns the resources of a type, from the start of a page.
func (c call) taggedResources(resourceType string, p page) iter.Seq[taggedResource] {
	return func(yield func(taggedResource) bool) {
		switch resourceType {
		case "instance", "managedinstance":
			hosts := c.inventory.ecs
			if resourceType == "managedinstance" {
				hosts = c.inventory.allManaged()
			}
			for _, h := range hosts {
				it := h.get()
				if p.after != nil && uint64(h.index) < p.after.Sequence {
					continue
				}
				if !yield(taggedResource{uint64(h.index), it.InstanceId, it.ResourceGroupId, it.Tags.Tag}) {
					return
				}
			}
		case "command":
			for cmd := range c.store.newestCommands(p.beforeOrAt()) {
				if !yield(taggedResource{cmd.Sequence, cmd.CommandId, cmd.ResourceGroupId, cmd.Tags}) {
					return
				}
			}
		case "invocation":
			for inv := range c.store.newest(p.beforeOrAt()) {
				if !yield(taggedResource{inv.sequence, inv.InvokeId, inv.ResourceGroupId, inv.Tags}) {
					return
				}
			}
		}
	}
}

// matchesTagRequest reports whether a resource matches all filters.
func matchesTagRequest(r *assist.ListTagResourcesRequest, b taggedResource) bool {
	if len(r.ResourceId) > 0 && !slices.Contains(r.ResourceId, b.id) {
		return false
	}
	tags := b.tags
	if b.group != "" {
		tags = append(slices.Clip(tags), assist.TagPair{TagKey: resourceGroupKey, TagValue: b.group})
	}
	for _, tag := range r.Tag {
		if !hasTag(tags, tag.Key, func(value string) bool { return tag.Value == nil || *tag.Value == value }) {
			return false
		}
	}
	for _, pattern := range r.TagFilter {
		if !slices.ContainsFunc(tags, func(has assist.TagPair) bool { return matchesTagPattern(pattern, has) }) {
			return false
		}
	}
	return true
}

// matchesTagPattern reports whether a tag matches a pattern: one of its values, or any value if it has none.
func matchesTagPattern(pattern assist.TagPattern, has assist.TagPair) bool {
	return matchesPattern(has.TagKey, pattern.TagKey) && (len(pattern.TagValues) == 0 ||
		slices.ContainsFunc(pattern.TagValues, func(value string) bool { return matchesPattern(has.TagValue, value) }))
}
