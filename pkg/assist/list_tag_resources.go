package assist

// ListTagResourcesRequest lists the tags of resources, or the resources of tags: by ids, by tags that must all match, or by
// both. It has pages, but no page size.
type ListTagResourcesRequest struct {
	RegionId     string
	ResourceType string   // instance, command, invocation, …
	ResourceId   []string // 1 to 50
	Tag          []TagFilter
	TagFilter    []TagPattern // excludes Tag
	NextToken    string
}

// TagPattern chooses by labels in which * stands for anything.
type TagPattern struct {
	TagKey    string
	TagValues []string
}

// ListTagResourcesResponse is one page of pairs.
type ListTagResourcesResponse struct {
	RequestId    string
	NextToken    string
	TagResources struct{ TagResource List[TagResource] }
}

// TagResource is one label of one resource.
type TagResource struct {
	ResourceId   string
	ResourceType string
	TagKey       string
	TagValue     string
}

// Action is the API's name for the call.
func (*ListTagResourcesRequest) Action() string { return "ListTagResources" }

// Repeatable holds for everything that only reads.
func (*ListTagResourcesRequest) Repeatable() bool { return true }
