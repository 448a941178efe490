#!/usr/bin/env bash
# The Go SDK only takes whole names from NO_PROXY, and the Node SDK never uses a proxy, even if its option httpProxy names one.
#
# Expected: HTTP_PROXY and NO_PROXY work as in curl and Go's net/http: a domain stands for all names in it, * for everything, and blanks
# after commas do not matter.
# What happens: the Go SDK has code of its own that compares each part of NO_PROXY with the whole name. Domains, *, ports and parts
# after a blank have no effect. The SDK of the first generation knows domains and *, but neither ports nor capitals. The Node SDK
# connects directly, whatever the variables and its options say.
# Why it matters: with NO_PROXY=.aliyuncs.com, the calls of the Go SDK still go through the proxy, and where only the proxy leads
# outside, a program in Node fails while curl works. Give the Go SDK an HttpClient; programs in Node need a way that needs no proxy.
. "$(dirname "$0")/prelude"

packages @alicloud/ecs20140526@7.11.6 @alicloud/openapi-core@1.0.8
program github.com/alibabacloud-go/darabonba-openapi/v2@v2.1.13 github.com/alibabacloud-go/tea@v1.5.4 \
  github.com/aliyun/alibaba-cloud-sdk-go@v1.63.107 <<'END'
package main

import (
	"fmt"
	"net/http"
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

const host = "ecs.made-up.invalid" // no name server knows it, so that only the proxy answers

func main() {
	var err error
	switch s := dara.String; os.Args[1] {
	case "net/http":
		_, err = http.Get("http://" + host)
	case "first":
		client, _ := sdk.NewClientWithOptions("cn-hangzhou", sdk.NewConfig(), credentials.NewAccessKeyCredential("id", "secret"))
		request := requests.NewCommonRequest()
		request.Scheme, request.Domain, request.ApiName, request.Version = "http", host, "DescribeRegions", "2014-05-26"
		_, err = client.ProcessCommonRequest(request)
	case "current":
		client, _ := openapi.NewClient(&openapi.Config{AccessKeyId: s("id"), AccessKeySecret: s("secret"), Endpoint: s(host), Protocol: s("HTTP")})
		_, err = client.CallApi(&openapi.Params{
			Action: s("DescribeRegions"), Version: s("2014-05-26"), Protocol: s("HTTP"), Pathname: s("/"), Method: s("POST"), AuthType: s("AK"),
			Style: s("RPC"), ReqBodyType: s("formData"), BodyType: s("json"),
		}, &openapi.OpenApiRequest{}, &dara.RuntimeOptions{})
	}
	fmt.Print(map[bool]string{true: "proxy", false: "direct"}[err == nil])
}
END
cat >"$work/npm/call.cjs" <<'END'
const { default: Client, DescribeRegionsRequest } = require('@alicloud/ecs20140526')
const { $OpenApiUtil } = require('@alicloud/openapi-core')
const config = { accessKeyId: 'id', accessKeySecret: 'secret', endpoint: 'ecs.made-up.invalid', protocol: 'HTTP', regionId: 'r', httpProxy: process.argv[2] }
new Client(new $OpenApiUtil.Config(config)).describeRegions(new DescribeRegionsRequest({}))
  .then(() => 'proxy', () => 'direct').then((way) => { process.stdout.write(way); process.exit() })
END
version "tea v1.5.4, alibaba-cloud-sdk-go v1.63.107, ecs20140526 7.11.6, $(go env GOVERSION)"

node -e 'require("http").createServer((request, response) => response.end("{}")).listen(0, "127.0.0.1", function () {
  console.log(this.address().port) })' >"$work/port" &
proxy=$!
trap 'kill "$proxy"; rm -rf "$work"' EXIT
until [ -s "$work/port" ]; do sleep 0.05; done

for without in '' ecs.made-up.invalid .made-up.invalid made-up.invalid '*' ecs.made-up.invalid:80 'a, ecs.made-up.invalid' ECS.made-up.invalid; do
  ways=()
  for way in "$work/program net/http" "$work/program first" "$work/program current" "node $work/npm/call.cjs"; do
    ways+=("$(env -i "PATH=$PATH" "HOME=$HOME" HTTP_PROXY="http://127.0.0.1:$(cat "$work/port")" NO_PROXY="$without" $way)")
  done
  saw "$(printf 'NO_PROXY=%-24s net/http %-6s  first Go SDK %-6s  Go SDK %-6s  Node SDK %s' "$without" "${ways[@]}")"
done

saw "the option httpProxy: Node SDK $(
  env -i "PATH=$PATH" "HOME=$HOME" node "$work/npm/call.cjs" "http://127.0.0.1:$(cat "$work/port")")"

same <<'END'
NO_PROXY=                         net/http proxy   first Go SDK proxy   Go SDK proxy   Node SDK direct
NO_PROXY=ecs.made-up.invalid      net/http direct  first Go SDK direct  Go SDK direct  Node SDK direct
NO_PROXY=.made-up.invalid         net/http direct  first Go SDK direct  Go SDK proxy   Node SDK direct
NO_PROXY=made-up.invalid          net/http direct  first Go SDK direct  Go SDK proxy   Node SDK direct
NO_PROXY=*                        net/http direct  first Go SDK direct  Go SDK proxy   Node SDK direct
NO_PROXY=ecs.made-up.invalid:80   net/http direct  first Go SDK proxy   Go SDK proxy   Node SDK direct
NO_PROXY=a, ecs.made-up.invalid   net/http direct  first Go SDK direct  Go SDK proxy   Node SDK direct
NO_PROXY=ECS.made-up.invalid      net/http direct  first Go SDK proxy   Go SDK proxy   Node SDK direct
the option httpProxy: Node SDK direct
END
