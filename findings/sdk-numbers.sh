#!/usr/bin/env bash
# The Go SDKs read 1e3 as 1, and true and an empty text as numbers.
#
# Expected: a number of a response that the type of its field cannot hold is an error. 1e3 and 1000.0 are the number 1000 in JSON.
# What happens: both generations of the Go SDK decode with json-iterator and lenient decoders. They read the digits before the first
# other character: 1e3 is 1. true is 1, "" is 0, and "12 instances" is 12. A text field accepts numbers and booleans.
# Why it matters: a gateway, a mock or another language may write 1000 as 1e3, and "how many are left" is wrong without an error. Mocks
# should write plain digits. A client that must notice decodes with encoding/json.
. "$(dirname "$0")/prelude"

program github.com/alibabacloud-go/tea@v1.5.4 github.com/aliyun/alibaba-cloud-sdk-go@v1.63.107 <<'END'
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/alibabacloud-go/tea/dara"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/responses"
)

type response struct {
	TotalCount *int32
	RequestId  *string
}

type firstResponse struct {
	*responses.BaseResponse
	TotalCount int
	RequestId  string
}

// standard, current and first return the number of a document, or the word error.
func standard(document string) any {
	var r response
	if json.Unmarshal([]byte(document), &r) != nil {
		return "error"
	}
	return dara.Int32Value(r.TotalCount)
}

func current(document string) any {
	var body map[string]any
	decoder := json.NewDecoder(bytes.NewBufferString(document))
	decoder.UseNumber()
	var r response
	if decoder.Decode(&body) != nil || dara.Convert(body, &r) != nil {
		return "error"
	}
	return dara.Int32Value(r.TotalCount)
}

func first(document string) any {
	r := firstResponse{BaseResponse: &responses.BaseResponse{}}
	answer := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewBufferString(document))}
	if responses.Unmarshal(&r, answer, "JSON") != nil {
		return "error"
	}
	return r.TotalCount
}

func main() {
	for _, number := range []string{"1000", "1e3", "1000.0", "1.9", `"12"`, `"12 instances"`, `""`, "true"} {
		document := `{"TotalCount": ` + number + `}`
		fmt.Printf("%-14s encoding/json %-6v first generation %-6v current %v\n", number, standard(document), first(document), current(document))
	}
}
END
version "alibaba-cloud-sdk-go v1.63.107, tea v1.5.4, $(go env GOVERSION)"
"$work/program" | saw

same <<'END'
1000           encoding/json 1000   first generation 1000   current 1000
1e3            encoding/json error  first generation 1      current 1
1000.0         encoding/json error  first generation 1000   current 1000
1.9            encoding/json error  first generation 1      current 1
"12"           encoding/json error  first generation 12     current 12
"12 instances" encoding/json error  first generation 12     current 12
""             encoding/json error  first generation 0      current 0
true           encoding/json error  first generation 1      current 1
END
