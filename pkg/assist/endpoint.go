package assist

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// Endpoint is the address of the service.
type Endpoint struct {
	Host string // host[:port]
	TLS  bool
}

// RegionEndpoint returns the public endpoint of a region.
func RegionEndpoint(region string) Endpoint {
	host, ok := irregularEndpoints()[region]
	if !ok {
		host = "ecs." + region + ".aliyuncs.com"
	}
	return Endpoint{Host: host, TLS: true}
}

// STSEndpoint returns the endpoint of STS in a region, or the central endpoint if region is empty. If vpc is set, it returns the
// region's VPC endpoint, which machines in a VPC can use without internet access.
func STSEndpoint(region string, vpc bool) Endpoint {
	host := "sts." + region + ".aliyuncs.com"
	switch {
	case region == "":
		host = "sts.aliyuncs.com"
	case vpc:
		host = "sts-vpc." + region + ".aliyuncs.com"
	}
	return Endpoint{Host: host, TLS: true}
}

// ParseEndpoint parses host[:port] or a URL. Without a scheme, it uses plain HTTP for loopback addresses and TLS for all others.
func ParseEndpoint(text string) (Endpoint, error) {
	host, secure := text, !loopbackHost(text)
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		host, secure = strings.TrimSuffix(rest, "/"), scheme == "https"
		if scheme != "https" && scheme != "http" {
			return Endpoint{}, fmt.Errorf("endpoint %q: the scheme must be http or https", text)
		}
	}
	parsed, err := url.Parse("//" + host)
	if err != nil || parsed.Host != host || strings.ContainsAny(host, " @") || !hostAndPort(parsed) {
		return Endpoint{}, fmt.Errorf("endpoint %q: want host or host:port", text)
	}
	return Endpoint{Host: host, TLS: secure}, nil
}

// hostAndPort reports whether the host can be dialled: an IPv6 address must be in brackets, and a colon must be followed by a port.
func hostAndPort(u *url.URL) bool {
	if u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || strings.Contains(u.Hostname(), ":") != strings.HasPrefix(u.Host, "[") {
		return false
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil || u.Port() == ""
}

// String returns the endpoint in the form that [ParseEndpoint] accepts.
func (e Endpoint) String() string {
	switch {
	case e.TLS == !loopbackHost(e.Host):
		return e.Host
	case e.TLS:
		return "https://" + e.Host
	}
	return "http://" + e.Host
}

// Loopback reports whether the endpoint is on this machine.
func (e Endpoint) Loopback() bool { return loopbackHost(e.Host) }

func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}

// irregularEndpoints are the hosts of regions whose endpoint does not follow from their name, according to the official typed client
// (@alicloud/ecs20140526 7.11.6).
var irregularEndpoints = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"cn-hangzhou":                 "ecs-cn-hangzhou.aliyuncs.com",
		"cn-shanghai-finance-1":       "ecs-cn-hangzhou.aliyuncs.com",
		"cn-shenzhen-finance-1":       "ecs-cn-hangzhou.aliyuncs.com",
		"cn-north-2-gov-1":            "ecs.aliyuncs.com",
		"ap-northeast-2-pop":          "ecs.aliyuncs.com",
		"cn-beijing-finance-pop":      "ecs.aliyuncs.com",
		"cn-beijing-gov-1":            "ecs.aliyuncs.com",
		"cn-beijing-nu16-b01":         "ecs-cn-hangzhou.aliyuncs.com",
		"cn-edge-1":                   "ecs.cn-qingdao-nebula.aliyuncs.com",
		"cn-fujian":                   "ecs-cn-hangzhou.aliyuncs.com",
		"cn-haidian-cm12-c01":         "ecs-cn-hangzhou.aliyuncs.com",
		"cn-hangzhou-bj-b01":          "ecs-cn-hangzhou.aliyuncs.com",
		"cn-hangzhou-finance":         "ecs.aliyuncs.com",
		"cn-hangzhou-internal-prod-1": "ecs-cn-hangzhou.aliyuncs.com",
		"cn-hangzhou-internal-test-1": "ecs-cn-hangzhou.aliyuncs.com",
		"cn-hangzhou-internal-test-2": "ecs-cn-hangzhou.aliyuncs.com",
		"cn-hangzhou-internal-test-3": "ecs-cn-hangzhou.aliyuncs.com",
		"cn-hangzhou-test-306":        "ecs-cn-hangzhou.aliyuncs.com",
		"cn-hongkong-finance-pop":     "ecs.aliyuncs.com",
		"cn-huhehaote-nebula-1":       "ecs.cn-qingdao-nebula.aliyuncs.com",
		"cn-shanghai-et15-b01":        "ecs-cn-hangzhou.aliyuncs.com",
		"cn-shanghai-et2-b01":         "ecs-cn-hangzhou.aliyuncs.com",
		"cn-shanghai-inner":           "ecs.aliyuncs.com",
		"cn-shanghai-internal-test-1": "ecs-cn-hangzhou.aliyuncs.com",
		"cn-shenzhen-inner":           "ecs.aliyuncs.com",
		"cn-shenzhen-st4-d01":         "ecs-cn-hangzhou.aliyuncs.com",
		"cn-shenzhen-su18-b01":        "ecs-cn-hangzhou.aliyuncs.com",
		"cn-wuhan":                    "ecs.aliyuncs.com",
		"cn-yushanfang":               "ecs.aliyuncs.com",
		"cn-zhangbei":                 "ecs.aliyuncs.com",
		"cn-zhangbei-na61-b01":        "ecs-cn-hangzhou.aliyuncs.com",
		"cn-zhangjiakou-na62-a01":     "ecs.cn-zhangjiakou.aliyuncs.com",
		"cn-zhengzhou-nebula-1":       "ecs.cn-qingdao-nebula.aliyuncs.com",
		"eu-west-1-oxs":               "ecs.cn-shenzhen-cloudstone.aliyuncs.com",
		"rus-west-1-pop":              "ecs.aliyuncs.com",
	}
})

// DescribeRegionsRequest lists the regions that the account can use. It is the only action without a RegionId, and the cheapest way to
// check credentials.
type DescribeRegionsRequest struct {
	AcceptLanguage     string // zh-CN (the default), en-US, ja, …
	InstanceChargeType string
	ResourceType       string
}

// DescribeRegionsResponse contains all regions.
type DescribeRegionsResponse struct {
	RequestId string
	Regions   struct{ Region List[Region] }
}

// Region is a region with its own endpoint.
type Region struct {
	RegionId       string
	LocalName      string
	RegionEndpoint string
	Status         string // available or soldOut
}

// Action returns the API's name of the action.
func (*DescribeRegionsRequest) Action() string { return "DescribeRegions" }

// Repeatable reports true. The call only reads.
func (*DescribeRegionsRequest) Repeatable() bool { return true }
