#!/usr/bin/env bash
# Autoretry of the Go and Node SDKs has no effect: a call is made once. With RetryOptions, network errors are still not retried.
#
# Expected: with RuntimeOptions{Autoretry: true, MaxAttempts: 3} a call that fails with ServiceUnavailable, or because the connection is
# closed, is made three times.
# What happens: the options are accepted and ignored. In Go, RetryOptions of the Config are used instead, if a condition lists the code
# of the error. Errors of the network have no code that could be listed, and end the call. The MaxAttempts next to Retryable has no
# effect; the one of the condition counts all attempts.
# Why it matters: programs that rely on it fail at the first 503 or closed connection. A call has to be retried outside of the SDK, with
# the same ClientToken, as the connection may have been closed after the call was accepted.
. "$(dirname "$0")/prelude"

packages @alicloud/ecs20140526@7.11.6 @alicloud/openapi-core@1.0.8 @darabonba/typescript@1.0.5
program github.com/alibabacloud-go/darabonba-openapi/v2@v2.1.13 github.com/alibabacloud-go/tea@v1.5.4 <<'END'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
)

func main() {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		if r.FormValue("Type") == "close" {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(503)
		fmt.Fprint(w, `{"Code": "ServiceUnavailable", "Message": "made up"}`)
	}))
	endpoint := dara.String(strings.TrimPrefix(server.URL, "http://"))
	params := &openapi.Params{
		Action: dara.String("RunCommand"), Version: dara.String("2014-05-26"), Protocol: dara.String("HTTP"), BodyType: dara.String("json"),
		Pathname: dara.String("/"), Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"),
	}
	run := func(kind string, options *dara.RetryOptions) {
		client, _ := openapi.NewClient(&openapi.Config{
			AccessKeyId: dara.String("id"), AccessKeySecret: dara.String("secret"), Endpoint: endpoint, Protocol: dara.String("HTTP"), RetryOptions: options,
		})
		calls = 0
		_, err := client.CallApi(params, &openapi.OpenApiRequest{Query: map[string]*string{"Type": &kind}},
			&dara.RuntimeOptions{Autoretry: dara.Bool(true), MaxAttempts: dara.Int(3)})
		fmt.Printf("%d calls, an error is returned: %v\n", calls, err != nil)
	}
	some := &dara.RetryOptions{Retryable: true, MaxAttempts: 9, RetryCondition: []*dara.RetryCondition{{MaxAttempts: 3, ErrorCode: []string{"ServiceUnavailable"}}}}
	for _, kind := range []string{"503", "close"} {
		fmt.Print(kind, ", Go, Autoretry and MaxAttempts 3:  ")
		run(kind, nil)
		fmt.Print(kind, ", Go, RetryOptions, 9 and 3:        ")
		run(kind, some)
		calls = 0
		command := exec.Command("node", os.Args[1], *endpoint, kind)
		command.Stderr = os.Stderr
		out, _ := command.Output()
		fmt.Printf("%s, Node, autoretry and maxAttempts 3: %d calls, %s", kind, calls, out)
	}
}
END
cat >"$work/npm/call.cjs" <<'END'
const { default: Client, RunCommandRequest } = require('@alicloud/ecs20140526')
const { $OpenApiUtil } = require('@alicloud/openapi-core')
const { RuntimeOptions } = require('@darabonba/typescript')
const config = { accessKeyId: 'id', accessKeySecret: 'secret', endpoint: process.argv[2], protocol: 'HTTP', regionId: 'cn-hangzhou' }
const request = { regionId: 'cn-hangzhou', commandContent: 'echo', type: process.argv[3], instanceId: ['i-1'] }
new Client(new $OpenApiUtil.Config(config))
  .runCommandWithOptions(new RunCommandRequest(request), new RuntimeOptions({ autoretry: true, maxAttempts: 3 }))
  .then(() => false, () => true).then((failed) => { console.log('an error is returned:', failed); process.exit() })
END
version "darabonba-openapi v2.1.13, tea v1.5.4, $(go env GOVERSION); ecs20140526 7.11.6, node $(node --version)"
unset http_proxy HTTP_PROXY
"$work/program" "$work/npm/call.cjs" 2>"$work/stderr" | saw

same <<'END'
503, Go, Autoretry and MaxAttempts 3:  1 calls, an error is returned: true
503, Go, RetryOptions, 9 and 3:        3 calls, an error is returned: true
503, Node, autoretry and maxAttempts 3: 1 calls, an error is returned: true
close, Go, Autoretry and MaxAttempts 3:  1 calls, an error is returned: true
close, Go, RetryOptions, 9 and 3:        1 calls, an error is returned: true
close, Node, autoretry and maxAttempts 3: 1 calls, an error is returned: true
END
