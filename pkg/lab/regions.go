package lab

import (
	"slices"
	"strings"

	"muster/pkg/assist"
)

// regions returns the public regions that the service's documentation lists: id, Chinese name, English name.
func regions() [][3]string {
	return [][3]string{
		{"cn-qingdao", "华北1（青岛）", "China (Qingdao)"},
		{"cn-beijing", "华北2（北京）", "China (Beijing)"},
		{"cn-zhangjiakou", "华北3（张家口）", "China (Zhangjiakou)"},
		{"cn-huhehaote", "华北5（呼和浩特）", "China (Hohhot)"},
		{"cn-wulanchabu", "华北6（乌兰察布）", "China (Ulanqab)"},
		{"cn-hangzhou", "华东1（杭州）", "China (Hangzhou)"},
		{"cn-shanghai", "华东2（上海）", "China (Shanghai)"},
		{"cn-nanjing", "华东5（南京）", "China (Nanjing)"},
		{"cn-fuzhou", "华东6（福州）", "China (Fuzhou)"},
		{"cn-wuhan-lr", "华中1（武汉）", "China (Wuhan)"},
		{"cn-zhengzhou-jva", "郑州（联通合营）", "China (Zhengzhou)"},
		{"cn-shenzhen", "华南1（深圳）", "China (Shenzhen)"},
		{"cn-heyuan", "华南2（河源）", "China (Heyuan)"},
		{"cn-guangzhou", "华南3（广州）", "China (Guangzhou)"},
		{"cn-chengdu", "西南1（成都）", "China (Chengdu)"},
		{"cn-hongkong", "中国香港", "China (Hong Kong)"},
		{"cn-hangzhou-finance", "华东1 金融云", "China East 1 Finance"},
		{"cn-shanghai-finance-1", "华东2 金融云", "China East 2 Finance"},
		{"cn-shenzhen-finance-1", "华南1 金融云", "China South 1 Finance"},
		{"cn-beijing-finance-1", "华北2 金融云", "China North 2 Finance"},
		{"cn-north-2-gov-1", "华北2 阿里政务云1", "China North 2 Ali Gov 1"},
		{"cn-heyuan-acdr-1", "河源专属云汽车合规", "China (Heyuan) ACDR"},
		{"ap-northeast-1", "日本（东京）", "Japan (Tokyo)"},
		{"ap-northeast-2", "韩国（首尔）", "South Korea (Seoul)"},
		{"ap-southeast-1", "新加坡", "Singapore"},
		{"ap-southeast-2", "澳大利亚（悉尼）", "Australia (Sydney)"},
		{"ap-southeast-3", "马来西亚（吉隆坡）", "Malaysia (Kuala Lumpur)"},
		{"ap-southeast-5", "印度尼西亚（雅加达）", "Indonesia (Jakarta)"},
		{"ap-southeast-6", "菲律宾（马尼拉）", "Philippines (Manila)"},
		{"ap-southeast-7", "泰国（曼谷）", "Thailand (Bangkok)"},
		{"ap-south-1", "印度（孟买）", "India (Mumbai)"},
		{"us-east-1", "美国（弗吉尼亚）", "US (Virginia)"},
		{"us-west-1", "美国（硅谷）", "US (Silicon Valley)"},
		{"us-southeast-1", "美国（亚特兰大）", "US (Atlanta)"},
		{"na-south-1", "墨西哥", "Mexico"},
		{"eu-west-1", "英国（伦敦）", "UK (London)"},
		{"eu-central-1", "德国（法兰克福）", "Germany (Frankfurt)"},
		{"me-east-1", "阿联酋（迪拜）", "UAE (Dubai)"},
		{"me-central-1", "沙特（利雅得）", "Saudi Arabia (Riyadh)"},
	}
}

// Regions returns the ids of the service's public regions that are known to the lab.
func Regions() []string {
	var ids []string
	for _, region := range regions() {
		ids = append(ids, region[0])
	}
	return ids
}

// KnownRegion reports whether an id is one of [Regions].
func KnownRegion(id string) bool { return slices.Contains(Regions(), id) }

// localName returns the name of a region in Chinese, the service's default, or in English for all other languages.
func localName(region [3]string, language string) string {
	if language == "" || strings.HasPrefix(language, "zh") {
		return region[1]
	}
	return region[2]
}

// describeRegions lists the service's regions. The lab is the endpoint of all of them, so that a client that follows an endpoint
// does not reach the cloud.
func describeRegions(c call, r *assist.DescribeRegionsRequest) (*assist.DescribeRegionsResponse, error) {
	response := new(assist.DescribeRegionsResponse)
	for _, region := range regions() {
		response.Regions.Region = append(response.Regions.Region, assist.Region{
			RegionId: region[0], LocalName: localName(region, r.AcceptLanguage), RegionEndpoint: c.host, Status: "available",
		})
	}
	return response, nil
}
