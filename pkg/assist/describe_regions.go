package assist

// DescribeRegionsRequest lists the regions that the account can use. It is the one action that needs no RegionId, and
// the cheapest way to see whether credentials are good.
type DescribeRegionsRequest struct {
	AcceptLanguage     string // zh-CN when left out; en-US, ja, …
	InstanceChargeType string
	ResourceType       string
}

// DescribeRegionsResponse is all regions.
type DescribeRegionsResponse struct {
	RequestId string
	Regions   struct{ Region List[Region] }
}

// Region is a place with an endpoint of its own.
type Region struct {
	RegionId       string
	LocalName      string
	RegionEndpoint string
	Status         string // available or soldOut
}

// Action is the API's name for the call.
func (*DescribeRegionsRequest) Action() string { return "DescribeRegions" }

// Repeatable holds for everything that only reads.
func (*DescribeRegionsRequest) Repeatable() bool { return true }
