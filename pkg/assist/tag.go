package assist

// Tag is a label in a request: on the task or command, or to choose by. An empty Value is sent as such.
type Tag struct {
	Key   string // 1 to 64 characters; not beginning with aliyun or acs:, without http:// and https://
	Value string // at most 128 characters
}

// TagPair is a label in a response.
type TagPair struct {
	TagKey   string
	TagValue string
}

// TagFilter chooses by a label. A nil Value matches any value.
type TagFilter struct {
	Key   string
	Value *string
}
