//go:build unix

package lab

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"muster/pkg/lab/signature"
)

// formCall returns a signed call with its parameters in a form, except for Format. A parameter can have several values.
func formCall(l *Lab, action string, params url.Values) *http.Request {
	q := query(l, http.MethodPost, map[string]string{"Action": action}).URL.Query()
	q.Del("Signature")
	for name, values := range params {
		q[name] = append(q[name], values...)
	}
	_, secret := l.Key()
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/", nil)
	q.Add("Signature", signature.SignV1(secret, http.MethodPost, r.URL, q))
	format := q.Get("Format")
	q.Del("Format")
	r = httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/?Format="+format, strings.NewReader(q.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// indexed returns n parameters with the names that the format gives to the indexes from 1 to n.
func indexed(n int, format, value string) url.Values {
	params := url.Values{}
	for i := range n {
		params.Set(fmt.Sprintf(format, i+1), value)
	}
	return params
}

// TestBadInput sends malformed, very large and ambiguous requests. The responses must be errors of the API, or success.
func TestBadInput(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(2)})
	with := func(more url.Values) url.Values {
		params := url.Values{"Type": {"RunShellScript"}, "CommandContent": {"true"}, "InstanceId.1": {nth(1)}, "RepeatMode": {"DryRun"}}
		for name, values := range more {
			params[name] = values
		}
		return params
	}
	type params = url.Values
	for name, c := range map[string]struct {
		action string
		params url.Values
		want   string // an error code, "200" for success, or empty for anything but an internal error
	}{
		"many instances":                      {"RunCommand", with(indexed(9000, "InstanceId.%d", nth(1))), "InstanceIds.ExceedLimit"},
		"too many parameters":                 {"RunCommand", with(indexed(20000, "InstanceId.%d", nth(1))), "InvalidParameter"},
		"many instances in the oldest format": {"InvokeCommand", params{"CommandId": {"c-1"}, "InstanceIds": {"[" + strings.Repeat(`"i-x",`, 50000) + `"i-x"]`}}, "InstanceIds.ExceedLimit"},
		"many tags":                           {"RunCommand", with(indexed(9000, "Tag.%d.Key", "k")), "NumberExceed.Tags"},
		"many lists within a list":            {"ListTagResources", indexed(9000, "TagFilter.%d.TagValues.1", "v"), "MissingParameter.ResourceType"},
		"a deeply nested list":                {"ListTagResources", params{"TagFilter" + strings.Repeat(".1", 200000): {"v"}}, "MissingParameter.ResourceType"},
		"a large index":                       {"RunCommand", with(params{"InstanceId.2147483647": {"i-none"}}), "InvalidInstance.NotFound"},
		"an index that is too large":          {"RunCommand", with(params{"InstanceId.99999999999999999999": {"i-none"}}), ""},
		"malformed Base64":                    {"RunCommand", with(params{"ContentEncoding": {"Base64"}, "CommandContent": {"a%"}}), "CmdContent.DecodeError"},
		"malformed Base64 of a file":          {"SendFile", params{"Name": {"a"}, "TargetDir": {"/"}, "ContentType": {"Base64"}, "Content": {"a%"}, "InstanceId.1": {nth(1)}}, "InvalidParameter.Content"},
		"a long name":                         {"RunCommand", with(params{"Name": {strings.Repeat("é", 100000)}}), "CmdName.ExceedLimit"},
		"a name that is not UTF-8":            {"RunCommand", with(params{"Name": {"\xff\xfe\x00\x01"}}), "InvalidParameter.Name"},
		"a name of control characters":        {"RunCommand", with(params{"Name": {"\x00\x01\x0b\u2028\ufffe"}}), "200"},
		"a script that is not UTF-8":          {"RunCommand", with(params{"CommandContent": {"\xff\x00"}}), "InvalidParameter.CommandContent"},
		"an instance that is not UTF-8":       {"RunCommand", with(params{"InstanceId.1": {"\xff<&\x00"}}), "InvalidParameter.InstanceId"},
		"an instance with markup":             {"RunCommand", with(params{"InstanceId.1": {"<&\x00"}}), "InvalidInstance.NotFound"},
		"a map that is not UTF-8":             {"InvokeCommand", params{"CommandId": {"c-1"}, "Parameters": {"{\"a\":\"\xff\"}"}}, "InvalidParameterCharset.Parameters"},
		"a deeply nested map":                 {"RunCommand", with(params{"Parameters": {strings.Repeat(`{"a":`, 50000)}}), "InvalidParameter.Parameters"},
		"a duplicate key in a map":            {"RunCommand", with(params{"EnableParameter": {"true"}, "CommandContent": {"{{a}}"}, "Parameters": {`{"a":"1","A":"2"}`}}), "ParameterKey.Duplicate"},
		"many placeholders":                   {"RunCommand", with(params{"EnableParameter": {"true"}, "CommandContent": {strings.Repeat("{{", 9000)}}), ""},
		"a long frequency":                    {"RunCommand", with(params{"Frequency": {strings.Repeat("1,", 50000) + "1 0 0 1 1 ? 2099"}}), "200"},
		"a long pattern":                      {"DescribeCommands", params{"Name": {strings.Repeat("*a", 100000)}}, "200"},
		"numbers out of range":                {"RunCommand", with(params{"Timeout": {"99999999999999999999"}}), "InvalidParameter.Timeout"},
		"the longest timeout":                 {"RunCommand", with(params{"Timeout": {"9223372036854775807"}}), "200"},
		"an action twice":                     {"DescribeRegions", params{"Action": {"RunCommand"}}, "InvalidParameter"},
		"a region twice":                      {"DescribeInstances", params{"RegionId": {"mars-1"}}, "InvalidParameter"},
		"a target twice":                      {"RunCommand", with(params{"InstanceId.1": {nth(1), "i-none"}}), "InvalidParameter"},
		"a value and an empty value":          {"RunCommand", with(params{"Timeout": {"10", ""}}), "InvalidParameter"},
		"the same value twice":                {"RunCommand", with(params{"Timeout": {"10", "10"}}), "200"},
		"a signature twice":                   {"DescribeRegions", params{"Signature": {"x"}}, "InvalidParameter"},
		"a nonce twice":                       {"DescribeRegions", params{"SignatureNonce": {"x"}}, "InvalidParameter"},
	} {
		for _, format := range []string{"JSON", "XML"} {
			c.params.Set("Format", format)
			w := serve(l, formCall(l, c.action, c.params))
			var got errorResponse
			if format == "JSON" {
				got = errorBody(t, w)
			} else if err := xml.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Errorf("%s: %v: %.200s", name, err, w.Body)
			}
			if got.Code == "" {
				got.Code = fmt.Sprint(w.Code)
			}
			if w.Code >= 500 || got.RequestId == "" || c.want != "" && got.Code != c.want {
				t.Errorf("%s: %d %s, want %s: %.200s", name, w.Code, got.Code, c.want, w.Body)
			}
		}
	}
	if n := len(l.Executions()); n > 0 {
		t.Errorf("%d executions", n)
	}
}
