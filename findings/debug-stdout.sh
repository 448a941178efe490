#!/usr/bin/env bash
# The Go SDK's debug output is enabled by DEBUG=dara, not by DEBUG=tea as documented, and goes to stdout.
#
# Expected: DEBUG=tea shows the requests, as the SDK's guide says ("Set the environment variable DEBUG=tea to enable debugging
# for all API requests"), on stderr. A program can disable it by calling os.Unsetenv at the start of main.
# What happens: the core library now uses package dara, and DEBUG=tea has no effect. DEBUG=dara prints each request including its
# Authorization header on stdout, among the output of the program itself. The variable is read when packages are initialized, so
# unsetting it in main has no effect.
# Why it matters: because of a variable with a common name, programs that parse the stdout get other output, including a signature.
# The library prints with fmt.Println, so assigning another file to os.Stdout prevents this.
. "$(dirname "$0")/prelude"

program github.com/alibabacloud-go/darabonba-openapi/v2@v2.1.13 github.com/alibabacloud-go/tea@v1.5.4 <<'END'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
)

func main() {
	os.Unsetenv("DEBUG")
	stdout := os.Stdout
	if len(os.Args) > 1 {
		os.Stdout, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"RequestId": "0"}`)
	}))
	defer server.Close()
	client, err := openapi.NewClient(&openapi.Config{
		AccessKeyId: dara.String("made-up-id"), AccessKeySecret: dara.String("made-up-secret"),
		Endpoint: dara.String(strings.TrimPrefix(server.URL, "http://")), Protocol: dara.String("HTTP"),
	})
	if err != nil {
		panic(err)
	}
	_, err = client.CallApi(&openapi.Params{
		Action: dara.String("DescribeRegions"), Version: dara.String("2014-05-26"), Protocol: dara.String("HTTP"),
		Pathname: dara.String("/"), Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &openapi.OpenApiRequest{}, &dara.RuntimeOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(stdout, `{"Regions": []}`)
}
END
version "darabonba-openapi v2.1.13, tea v1.5.4, $(go env GOVERSION)"
unset http_proxy HTTP_PROXY

# The lines of a request have no fixed order; two of them are enough.
shown() { sed -nE 's/^(> Authorization: [A-Z0-9-]+ Credential=[^,]+).*/\1,…/p; s/^(> POST ).*/\1…/p; /^[{]/p'; }
for debug in tea dara; do
  saw "DEBUG=$debug, stdout:"
  DEBUG=$debug "$work/program" 2>"$work/stderr" | shown | saw
  saw "  $(wc -c <"$work/stderr") bytes on stderr"
done
saw 'DEBUG=dara, with another os.Stdout:'
DEBUG=dara "$work/program" muted | shown | saw

same <<'END'
DEBUG=tea, stdout:
{"Regions": []}
  0 bytes on stderr
DEBUG=dara, stdout:
> POST …
> Authorization: ACS3-HMAC-SHA256 Credential=made-up-id,…
{"Regions": []}
  0 bytes on stderr
DEBUG=dara, with another os.Stdout:
{"Regions": []}
END
