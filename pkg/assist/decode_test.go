package assist

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	tests := []struct {
		name  string
		query string
		want  RunCommandRequest
	}{
		{"a single value is a list of one", "InstanceId=i-x", RunCommandRequest{InstanceId: []string{"i-x"}}},
		{"gaps are ignored", "InstanceId.10=c&InstanceId.2=b&InstanceId.1=a", RunCommandRequest{InstanceId: []string{"a", "b", "c"}}},
		{"invalid indices", "InstanceId.x=a&InstanceId.0=b&InstanceId.-1=c&InstanceId.01=d&InstanceId.=e", RunCommandRequest{}},
		{"indices without a list", "3=a&4.Key=b&xInstanceId.1=c", RunCommandRequest{}},
		{"a large index", "InstanceId.2000000000=a", RunCommandRequest{InstanceId: []string{"a"}}},
		{"a tag without its value", "Tag.1.Key=k", RunCommandRequest{Tag: []Tag{{Key: "k"}}}},
		{"a tag without its key", "Tag.1.Value=v", RunCommandRequest{Tag: []Tag{{Value: "v"}}}},
		{"parameters", `Parameters={"name":"Jack"}`, RunCommandRequest{Parameters: JSONMap{"name": "Jack"}}},
		{"no parameters", `Parameters={}`, RunCommandRequest{Parameters: JSONMap{}}},
		{"InstanceIds as an array", `InstanceIds=["a","b"]`, RunCommandRequest{InstanceIds: JSONList{"a", "b"}}},
		{"InstanceIds as an empty array", `InstanceIds=[]`, RunCommandRequest{InstanceIds: JSONList{}}},
		{"InstanceIds as a single id", `InstanceIds=i-x`, RunCommandRequest{InstanceIds: JSONList{"i-x"}}},
		{"InstanceIds as a list", `InstanceIds.1=a&InstanceIds.2=b`, RunCommandRequest{InstanceIds: JSONList{"a", "b"}}},
		{"booleans in any letter case", "EnableParameter=True&KeepCommand=FALSE", RunCommandRequest{EnableParameter: true}},
		{"empty values", "Timeout=&EnableParameter=&Timed=&Parameters=&InstanceIds=&Name=", RunCommandRequest{}},
		{"unknown and common parameters", "Format=JSON&Version=2014-05-26&SignatureType=&OwnerId=1&Name=n", RunCommandRequest{Name: "n"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			params, err := url.ParseQuery(test.query)
			if err != nil {
				t.Fatal(err)
			}
			var got RunCommandRequest
			if err := Decode(params, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		request Request
		query   string
		code    string
	}{
		{&RunCommandRequest{}, "Timeout=soon", "InvalidParameter.Timeout"},
		{&RunCommandRequest{}, "Timeout=1.5", "InvalidParameter.Timeout"},
		{&RunCommandRequest{}, "Timeout=9223372036854775808", "InvalidParameter.Timeout"},
		{&RunCommandRequest{}, "KeepCommand=yes", "InvalidParameter.KeepCommand"},
		{&RunCommandRequest{}, "Timed=1", "InvalidParameter.Timed"},
		{&RunCommandRequest{}, "Parameters=[]", "InvalidParameter.Parameters"},
		{&RunCommandRequest{}, `Parameters={"a":`, "InvalidParameter.Parameters"},
		{&RunCommandRequest{}, "Parameters=name", "InvalidParameter.Parameters"},
		{&RunCommandRequest{}, "Parameters=null", "InvalidParameter.Parameters"},
		{&InvokeCommandRequest{}, `InstanceIds=["a"`, "InvalidParameter.InstanceIds"},
		{&DescribeInstancesRequest{}, `InstanceIds=[1]`, "InvalidParameter.InstanceIds"},
		{&DescribeInvocationsRequest{}, "MaxResults=ten", "InvalidParameter.MaxResults"},
		{&DescribeCommandsRequest{}, "PageNumber=one", "InvalidParameter.PageNumber"},
		{&DescribeManagedInstancesRequest{}, "Connected=1", "InvalidParameter.Connected"},
		{&RunCommandRequest{}, "Name=%ff", "InvalidParameter.Name"},
		{&RunCommandRequest{}, "InstanceId.2=%c3%28", "InvalidParameter.InstanceId"},
		{&RunCommandRequest{}, "InstanceIds.1=%ed%a0%80", "InvalidParameter.InstanceIds"},
		{&InvokeCommandRequest{}, `InstanceIds=["%ff"]`, "InvalidParameter.InstanceIds"},
		{&ListTagResourcesRequest{}, "Tag.1.Key=a&Tag.1.Value=%fe", "InvalidParameter.Tag"},
	}
	for _, test := range tests {
		params, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		err = Decode(params, test.request)
		if got := codes(err); len(got) != 1 || got[0] != test.code {
			t.Errorf("%s: %v, want %s", test.query, err, test.code)
			continue
		}
		refusal, ok := errors.AsType[*Error](err)
		if !ok || refusal.HTTPStatus != http.StatusBadRequest || !strings.Contains(refusal.Message, strings.TrimPrefix(test.code, "InvalidParameter.")) {
			t.Errorf("%s: %+v", test.query, err)
		}
	}
}

func TestDecodeRefusesOtherValuesThanStrings(t *testing.T) {
	for _, value := range []string{`1`, `true`, `null`, `["x"]`, `{"b":"x"}`} {
		params := url.Values{"Parameters": {`{"ok":"x","a":` + value + `}`}}
		for _, request := range []Request{&RunCommandRequest{}, &InvokeCommandRequest{}} {
			refusal, ok := errors.AsType[*Error](Decode(params, request))
			if !ok || refusal.Code != "ParameterType.NotSupported" || refusal.HTTPStatus != http.StatusForbidden ||
				!strings.HasPrefix(refusal.Message, "The type of parameter value is not supported: a ") {
				t.Errorf("%s: %+v", value, refusal)
			}
		}
	}
}

func TestDecodeRefusesDuplicateKeys(t *testing.T) {
	for request, status := range map[Request]int{&RunCommandRequest{}: http.StatusBadRequest, &InvokeCommandRequest{}: http.StatusForbidden} {
		refusal, ok := errors.AsType[*Error](Decode(url.Values{"Parameters": {`{"b":"}","a":"1","c":"","\u0061":"1"}`}}, request))
		if !ok || refusal.Code != "ParameterKey.Duplicate" || refusal.HTTPStatus != status || !strings.HasSuffix(refusal.Message, ": a.") {
			t.Errorf("%T: %+v", request, refusal)
		}
	}
}

func TestDecodeRefusesInvalidUTF8(t *testing.T) {
	for _, request := range []Request{&RunCommandRequest{}, &InvokeCommandRequest{}} {
		refusal, ok := errors.AsType[*Error](Decode(url.Values{"Parameters": {"{\"a\":\"\xff\"}"}}, request))
		if !ok || refusal.Code != "InvalidParameterCharset.Parameters" || refusal.HTTPStatus != http.StatusForbidden {
			t.Errorf("%+v", refusal)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "InstanceId=i-x", "InstanceId.1=a&InstanceId.3=b&Timeout=10&Timed=true", `InstanceIds=["i-a"]&Parameters={"k":"v"}`,
		"Tag.1.Key=k&Tag.1.Value=&ResourceTag.99999999999999999999.Key=x", "Filter.1=x&Filter=y&Tag.1.1.1=z",
		`InstanceIds=[&Parameters={&MaxResults=-1`, "InstanceIds=[]&InstanceIds.1=&IoOptimized=FALSE", `Parameters={"k":1}`, "=&.=&..=&Tag.=&%00=%ff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		params, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for action, wire := range wires() {
			if err := Decode(params, wire.request); err != nil {
				if got := codes(err); len(got) != 1 || !slices.Contains([]string{"ParameterType.NotSupported", "ParameterKey.Duplicate", "InvalidParameterCharset.Parameters"}, got[0]) &&
					!strings.HasPrefix(got[0], "InvalidParameter.") && !strings.HasPrefix(got[0], "InvalidParameters.") {
					t.Errorf("%s: %v", action, err)
				}
				continue
			}
			again := wires()[action].request
			if err := Decode(Encode(wire.request), again); err != nil {
				t.Errorf("%s: the decoded request cannot be decoded after encoding: %v", action, err)
			}
			emptyMap := cmp.FilterValues(func(a, b JSONMap) bool { return len(a)+len(b) == 0 }, cmp.Ignore())
			if diff := cmp.Diff(wire.request, again, emptyMap); diff != "" {
				t.Errorf("%s: decoded, encoded and decoded:\n%s", action, diff)
			}
		}
	})
}
