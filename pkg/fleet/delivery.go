package fleet

// Delivery is what has become of an output that was to be delivered to OSS as a whole, in the API's names; empty where that was
// not asked for.
type Delivery struct {
	OssOutputStatus    string `json:",omitempty"` // InProgress, Finished or Failed
	OssOutputUri       string `json:",omitempty"`
	OssOutputErrorCode string `json:",omitempty"`
	OssOutputErrorInfo string `json:",omitempty"`
}
