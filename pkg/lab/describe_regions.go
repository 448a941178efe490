package lab

import "muster/pkg/assist"

// describeRegions lists the service's regions. The lab is the endpoint of all of them, so that nobody who follows one ends
// in the cloud.
func describeRegions(c call, r *assist.DescribeRegionsRequest) (*assist.DescribeRegionsResponse, error) {
	response := new(assist.DescribeRegionsResponse)
	for _, region := range regions() {
		response.Regions.Region = append(response.Regions.Region, assist.Region{
			RegionId: region[0], LocalName: localName(region, r.AcceptLanguage), RegionEndpoint: c.host, Status: "available",
		})
	}
	return response, nil
}
