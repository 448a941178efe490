package assist

// Tag is a tag in a request: of a task or command, or in a filter. An empty Value is sent.
type Tag struct {
	Key   string // 1 to 64 characters; must not start with aliyun or acs:, or contain http:// or https://
	Value string // at most 128 characters
}

// TagPair is a tag in a response.
type TagPair struct {
	TagKey   string
	TagValue string
}

// TagFilter is a filter by a tag. A nil Value matches any value.
type TagFilter struct {
	Key   string
	Value *string
}

// ListTagResourcesRequest lists the tags of resources, or the resources with tags: by ids, by tags that must all match, or by both. Its
// pages have a fixed size.
type ListTagResourcesRequest struct {
	RegionId     string
	ResourceType string   // instance, command, invocation, …
	ResourceId   []string // 1 to 50
	Tag          []TagFilter
	TagFilter    []TagPattern // excludes Tag
	NextToken    string
}

// TagPattern is a filter by tags whose parts may contain the wildcard *.
type TagPattern struct {
	TagKey    string
	TagValues []string
}

// ListTagResourcesResponse is one page of resources with a tag each.
type ListTagResourcesResponse struct {
	RequestId    string
	NextToken    string
	TagResources struct{ TagResource List[TagResource] }
}

// TagResource is one tag of one resource.
type TagResource struct {
	ResourceId   string
	ResourceType string
	TagKey       string
	TagValue     string
}

// Action returns the API's name of the action.
func (*ListTagResourcesRequest) Action() string { return "ListTagResources" }

// Repeatable reports true. The call only reads.
func (*ListTagResourcesRequest) Repeatable() bool { return true }
