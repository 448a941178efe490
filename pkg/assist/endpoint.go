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

// Endpoint is where the service answers.
type Endpoint struct {
	Host string // host[:port]
	TLS  bool
}

// RegionEndpoint is the public endpoint of a region.
func RegionEndpoint(region string) Endpoint {
	host, ok := irregularEndpoints()[region]
	if !ok {
		host = "ecs." + region + ".aliyuncs.com"
	}
	return Endpoint{Host: host, TLS: true}
}

// STSEndpoint returns the endpoint of STS in a region, or the central one without a region. Machines in a VPC that have no
// way to the internet reach the one of their region's VPC.
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

// ParseEndpoint reads host[:port] or a URL. Without a scheme, a loopback address is spoken to in plain HTTP and anything
// else over TLS.
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

// hostAndPort tells what can be dialled: an IPv6 address stands in brackets, and a colon has a port behind it.
func hostAndPort(u *url.URL) bool {
	if u.Hostname() == "" || strings.HasSuffix(u.Host, ":") || strings.Contains(u.Hostname(), ":") != strings.HasPrefix(u.Host, "[") {
		return false
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil || u.Port() == ""
}

// String is the endpoint as ParseEndpoint reads it.
func (e Endpoint) String() string {
	switch {
	case e.TLS == !loopbackHost(e.Host):
		return e.Host
	case e.TLS:
		return "https://" + e.Host
	}
	return "http://" + e.Host
}

// Loopback tells an endpoint on this machine.
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

// irregularEndpoints are the regions whose endpoint does not follow from their name, as the official typed client
// (@alicloud/ecs20140526 7.11.6) lists them.
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
