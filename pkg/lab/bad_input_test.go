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

// form is a call with its parameters, which may be there more than once, in a form, but for Format. It is signed.
func form(l *Lab, action string, params url.Values) *http.Request {
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

// list is a parameter's elements from 1 to n.
func list(n int, element, value string) url.Values {
	params := url.Values{}
	for i := range n {
		params.Set(fmt.Sprintf(element, i+1), value)
	}
	return params
}

// TestBadInput sends what no client should: it is answered as the API answers, and soon.
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
		want   string // empty: anything but a fault inside the lab
	}{
		"many instances":          {"RunCommand", with(list(9000, "InstanceId.%d", nth(1))), "InstanceIds.ExceedLimit"},
		"too many parameters":     {"RunCommand", with(list(20000, "InstanceId.%d", nth(1))), "InvalidParameter"},
		"many of the oldest name": {"InvokeCommand", params{"CommandId": {"c-1"}, "InstanceIds": {"[" + strings.Repeat(`"i-x",`, 50000) + `"i-x"]`}}, "InstanceIds.ExceedLimit"},
		"many tags":               {"RunCommand", with(list(9000, "Tag.%d.Key", "k")), "NumberExceed.Tags"},
		"many lists in a list":    {"ListTagResources", list(9000, "TagFilter.%d.TagValues.1", "v"), "MissingParameter.ResourceType"},
		"a deep list":             {"ListTagResources", params{"TagFilter" + strings.Repeat(".1", 200000): {"v"}}, "MissingParameter.ResourceType"},
		"a far index":             {"RunCommand", with(params{"InstanceId.2147483647": {"i-none"}}), "InvalidInstance.NotFound"},
		"an index of no number":   {"RunCommand", with(params{"InstanceId.99999999999999999999": {"i-none"}}), ""},
		"Base64 that is none":     {"RunCommand", with(params{"ContentEncoding": {"Base64"}, "CommandContent": {"a%"}}), "CmdContent.DecodeError"},
		"Base64 of a file":        {"SendFile", params{"Name": {"a"}, "TargetDir": {"/"}, "ContentType": {"Base64"}, "Content": {"a%"}, "InstanceId.1": {nth(1)}}, "InvalidParameter.Content"},
		"a long name":             {"RunCommand", with(params{"Name": {strings.Repeat("é", 100000)}}), "CmdName.ExceedLimit"},
		"a name that is no text":  {"RunCommand", with(params{"Name": {"\xff\xfe\x00\x01"}}), "InvalidParameter.Name"},
		"a name of odd text":      {"RunCommand", with(params{"Name": {"\x00\x01\x0b\u2028\ufffe"}}), "200"},
		"a script of no text":     {"RunCommand", with(params{"CommandContent": {"\xff\x00"}}), "InvalidParameter.CommandContent"},
		"an instance of no text":  {"RunCommand", with(params{"InstanceId.1": {"\xff<&\x00"}}), "InvalidParameter.InstanceId"},
		"an instance of odd text": {"RunCommand", with(params{"InstanceId.1": {"<&\x00"}}), "InvalidInstance.NotFound"},
		"a map of no text":        {"InvokeCommand", params{"CommandId": {"c-1"}, "Parameters": {"{\"a\":\"\xff\"}"}}, "InvalidParameterCharset.Parameters"},
		"a deep map":              {"RunCommand", with(params{"Parameters": {strings.Repeat(`{"a":`, 50000)}}), "InvalidParameter.Parameters"},
		"a map's key twice":       {"RunCommand", with(params{"EnableParameter": {"true"}, "CommandContent": {"{{a}}"}, "Parameters": {`{"a":"1","A":"2"}`}}), "ParameterKey.Duplicate"},
		"many places":             {"RunCommand", with(params{"EnableParameter": {"true"}, "CommandContent": {strings.Repeat("{{", 9000)}}), ""},
		"a long frequency":        {"RunCommand", with(params{"Frequency": {strings.Repeat("1,", 50000) + "1 0 0 1 1 ? 2099"}}), "200"},
		"a long pattern":          {"DescribeCommands", params{"Name": {strings.Repeat("*a", 100000)}}, "200"},
		"numbers out of range":    {"RunCommand", with(params{"Timeout": {"99999999999999999999"}}), "InvalidParameter.Timeout"},
		"the longest time-out":    {"RunCommand", with(params{"Timeout": {"9223372036854775807"}}), "200"},
		"an action twice":         {"DescribeRegions", params{"Action": {"RunCommand"}}, "InvalidParameter"},
		"a region twice":          {"DescribeInstances", params{"RegionId": {"mars-1"}}, "InvalidParameter"},
		"a target twice":          {"RunCommand", with(params{"InstanceId.1": {nth(1), "i-none"}}), "InvalidParameter"},
		"a value and none":        {"RunCommand", with(params{"Timeout": {"10", ""}}), "InvalidParameter"},
		"the same value twice":    {"RunCommand", with(params{"Timeout": {"10", "10"}}), "200"},
		"a signature twice":       {"DescribeRegions", params{"Signature": {"x"}}, "InvalidParameter"},
		"a nonce twice":           {"DescribeRegions", params{"SignatureNonce": {"x"}}, "InvalidParameter"},
	} {
		for _, format := range []string{"JSON", "XML"} {
			c.params.Set("Format", format)
			w := serve(l, form(l, c.action, c.params))
			var got errorResponse
			if format == "JSON" {
				got = saysJSON(t, w)
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
