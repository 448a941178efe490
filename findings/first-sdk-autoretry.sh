#!/usr/bin/env bash
# The Go SDK of the first generation reports a closed connection as a connect timeout, after sending the call four times at once.
#
# Expected: with AutoRetry, a call that may not be repeated is not repeated, or has a ClientToken, and there are pauses between calls.
# An error says what happened: EOF.
# What happens: any error of the network repeats any call, as does any status of 500 or more, without a pause and without a ClientToken
# unless the program sets one. The error is then "The request timed out 4 times … Connect timeout", with the advice to set another
# timeout. Throttling has status 400, and is never retried.
# Why it matters: a connection that is closed after a RunCommand was accepted means that the script runs up to four times, and the error
# looks as if nothing had been sent. Set a ClientToken, or leave AutoRetry off, which is its default.
. "$(dirname "$0")/prelude"

program github.com/aliyun/alibaba-cloud-sdk-go@v1.63.107 <<'END'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

func main() {
	calls, tokens, nonces := 0, map[string]int{}, map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		tokens[r.FormValue("ClientToken")]++
		nonces[r.FormValue("SignatureNonce")]++
		switch r.FormValue("Kind") {
		case "closed":
			panic(http.ErrAbortHandler)
		case "unavailable":
			w.WriteHeader(503)
			fmt.Fprint(w, `{"Code": "ServiceUnavailable"}`)
		case "throttled":
			w.WriteHeader(400)
			fmt.Fprint(w, `{"Code": "Throttling"}`)
		}
	}))
	for _, kind := range []string{"closed", "unavailable", "throttled"} {
		for _, retry := range []bool{false, true} {
			config := sdk.NewConfig()
			config.AutoRetry, config.MaxRetryTime = retry, 3
			client, err := sdk.NewClientWithOptions("cn-hangzhou", config, credentials.NewAccessKeyCredential("id", "secret"))
			if err != nil {
				panic(err)
			}
			request := requests.NewCommonRequest()
			request.Scheme, request.Method, request.Domain = "http", "POST", strings.TrimPrefix(server.URL, "http://")
			request.ApiName, request.Version, request.QueryParams["Kind"] = "RunCommand", "2014-05-26", kind
			calls, tokens, nonces = 0, map[string]int{}, map[string]int{}
			_, err = client.ProcessCommonRequest(request)
			text := regexp.MustCompile(`Post "[^"]*"|Recommend[^|]*`).ReplaceAllString(strings.ReplaceAll(err.Error(), "\n", " "), "…")
			fmt.Printf("%s, AutoRetry %v: %d calls, %d nonces, %d with a ClientToken\n  %.155s\n", kind, retry, calls, len(nonces), calls-tokens[""], text)
		}
	}
}
END
version "alibaba-cloud-sdk-go v1.63.107, $(go env GOVERSION)"
unset http_proxy HTTP_PROXY
"$work/program" 2>"$work/stderr" | saw

same <<'END'
closed, AutoRetry false: 1 calls, 1 nonces, 0 with a ClientToken
  …: EOF
closed, AutoRetry true: 4 calls, 4 nonces, 0 with a ClientToken
  [SDK.TimeoutError] The request timed out 4 times(4 for retry), perhaps we should have the threshold raised a little? Connect timeout. Please set a valid Co
unavailable, AutoRetry false: 1 calls, 1 nonces, 0 with a ClientToken
  SDK.ServerError ErrorCode: ServiceUnavailable …
unavailable, AutoRetry true: 4 calls, 4 nonces, 0 with a ClientToken
  SDK.ServerError ErrorCode: ServiceUnavailable …
throttled, AutoRetry false: 1 calls, 1 nonces, 0 with a ClientToken
  SDK.ServerError ErrorCode: Throttling …
throttled, AutoRetry true: 1 calls, 1 nonces, 0 with a ClientToken
  SDK.ServerError ErrorCode: Throttling …
END
