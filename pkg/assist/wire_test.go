package assist

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// wires returns an empty request and an empty response for each action.
func wires() map[string]struct {
	request  Request
	response any
} {
	return map[string]struct {
		request  Request
		response any
	}{
		"AssumeRole":                     {&AssumeRoleRequest{}, &AssumeRoleResponse{}},
		"AssumeRoleWithOIDC":             {&AssumeRoleWithOIDCRequest{}, &AssumeRoleWithOIDCResponse{}},
		"CreateCommand":                  {&CreateCommandRequest{}, &CreateCommandResponse{}},
		"DeleteCommand":                  {&DeleteCommandRequest{}, &DeleteCommandResponse{}},
		"DescribeCloudAssistantSettings": {&DescribeCloudAssistantSettingsRequest{}, &DescribeCloudAssistantSettingsResponse{}},
		"DescribeCloudAssistantStatus":   {&DescribeCloudAssistantStatusRequest{}, &DescribeCloudAssistantStatusResponse{}},
		"CreateActivation":               {&CreateActivationRequest{}, &CreateActivationResponse{}},
		"DeleteActivation":               {&DeleteActivationRequest{}, &DeleteActivationResponse{}},
		"DeregisterManagedInstance":      {&DeregisterManagedInstanceRequest{}, &DeregisterManagedInstanceResponse{}},
		"DescribeActivations":            {&DescribeActivationsRequest{}, &DescribeActivationsResponse{}},
		"DisableActivation":              {&DisableActivationRequest{}, &DisableActivationResponse{}},
		"ModifyManagedInstance":          {&ModifyManagedInstanceRequest{}, &ModifyManagedInstanceResponse{}},
		"DescribeCommands":               {&DescribeCommandsRequest{}, &DescribeCommandsResponse{}},
		"DescribeInstances":              {&DescribeInstancesRequest{}, &DescribeInstancesResponse{}},
		"DescribeInvocationResults":      {&DescribeInvocationResultsRequest{}, &DescribeInvocationResultsResponse{}},
		"DescribeInvocations":            {&DescribeInvocationsRequest{}, &DescribeInvocationsResponse{}},
		"DescribeManagedInstances":       {&DescribeManagedInstancesRequest{}, &DescribeManagedInstancesResponse{}},
		"DescribeRegions":                {&DescribeRegionsRequest{}, &DescribeRegionsResponse{}},
		"DescribeSendFileResults":        {&DescribeSendFileResultsRequest{}, &DescribeSendFileResultsResponse{}},
		"GetCallerIdentity":              {&GetCallerIdentityRequest{}, &GetCallerIdentityResponse{}},
		"InstallCloudAssistant":          {&InstallCloudAssistantRequest{}, &InstallCloudAssistantResponse{}},
		"InvokeCommand":                  {&InvokeCommandRequest{}, &InvokeCommandResponse{}},
		"ListTagResources":               {&ListTagResourcesRequest{}, &ListTagResourcesResponse{}},
		"ModifyCommand":                  {&ModifyCommandRequest{}, &ModifyCommandResponse{}},
		"ModifyInvocationAttribute":      {&ModifyInvocationAttributeRequest{}, &ModifyInvocationAttributeResponse{}},
		"RebootInstance":                 {&RebootInstanceRequest{}, &RebootInstanceResponse{}},
		"RunCommand":                     {&RunCommandRequest{}, &RunCommandResponse{}},
		"SendFile":                       {&SendFileRequest{}, &SendFileResponse{}},
		"StartInstance":                  {&StartInstanceRequest{}, &StartInstanceResponse{}},
		"StopInstance":                   {&StopInstanceRequest{}, &StopInstanceResponse{}},
		"StopInvocation":                 {&StopInvocationRequest{}, &StopInvocationResponse{}},
	}
}

func TestWiresAreComplete(t *testing.T) {
	want := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Name.Name == "Action" && f.Recv != nil {
				want[f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name] = true
			}
		}
	}
	got := map[string]bool{}
	for action, wire := range wires() {
		got[reflect.TypeOf(wire.request).Elem().Name()] = true
		if wire.request.Action() != action {
			t.Errorf("%T is the action %s, want %s", wire.request, wire.request.Action(), action)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table differs from the requests in the source:\n%s", diff)
	}
}

func TestRepeatable(t *testing.T) {
	withToken := map[string]Request{
		"CreateActivation":          &CreateActivationRequest{ClientToken: "t"},
		"CreateCommand":             &CreateCommandRequest{ClientToken: "t"},
		"DeregisterManagedInstance": &DeregisterManagedInstanceRequest{ClientToken: "t"},
		"ModifyInvocationAttribute": &ModifyInvocationAttributeRequest{ClientToken: "t"},
		"InvokeCommand":             &InvokeCommandRequest{ClientToken: "t"},
		"RunCommand":                &RunCommandRequest{ClientToken: "t"},
		"SendFile":                  &SendFileRequest{ClientToken: "t"},
	}
	onlyOnce := map[string]bool{"DeleteActivation": true, "DeleteCommand": true, "StartInstance": true, "StopInstance": true, "RebootInstance": true}
	for action, wire := range wires() {
		repeatable, ok := withToken[action]
		if want := !ok && !onlyOnce[action]; wire.request.Repeatable() != want {
			t.Errorf("%s without a token: Repeatable() = %v", action, !want)
		}
		if ok && !repeatable.Repeatable() {
			t.Errorf("%s with a token: Repeatable() = false", action)
		}
	}
}

func TestVersionOf(t *testing.T) {
	sts := map[string]bool{"AssumeRole": true, "AssumeRoleWithOIDC": true, "GetCallerIdentity": true}
	for action, wire := range wires() {
		want := "2014-05-26"
		if sts[action] {
			want = "2015-04-01"
		}
		if got := VersionOf(wire.request); got != want {
			t.Errorf("%s: version %s, want %s", action, got, want)
		}
		if got, want := Anonymous(wire.request), action == "AssumeRoleWithOIDC"; got != want {
			t.Errorf("%s: Anonymous = %v, want %v", action, got, want)
		}
	}
}

func TestEncodeDecodeRoundTrip(t *testing.T) {
	for action := range wires() {
		t.Run(action, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want, got := wires()[action].request, wires()[action].request
				fill(t, reflect.ValueOf(want).Elem(), rapid.String())
				query := Encode(want).Encode()
				params, err := url.ParseQuery(query)
				if err != nil {
					t.Fatal(err)
				}
				if err := Decode(params, got); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s:\n%s", query, diff)
				}
			})
		})
	}
}

// fill draws a value of any type that occurs in requests and responses. Empty lists and maps are nil, except for a JSONList, where the
// difference matters.
func fill(t *rapid.T, v reflect.Value, text *rapid.Generator[string]) {
	draw := func(n int) int { return rapid.IntRange(0, n).Draw(t, "n") }
	switch v.Interface().(type) {
	case json.RawMessage:
		if draw(1) == 1 {
			v.SetBytes([]byte(`{"Cores":2}`))
		}
		return
	case JSONList:
		if n := draw(3); n > 0 {
			v.Set(reflect.ValueOf(JSONList(rapid.SliceOfN(text, n-1, n-1).Draw(t, "JSONList"))))
		}
		return
	case JSONMap:
		if drawn := rapid.MapOfN(text, text, 0, 3).Draw(t, "JSONMap"); len(drawn) > 0 {
			v.Set(reflect.ValueOf(JSONMap(drawn)))
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text.Draw(t, "string"))
	case reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int64"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(t, "float64"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Pointer:
		if draw(1) == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), text)
		}
	case reflect.Slice:
		for range draw(2) {
			element := reflect.New(v.Type().Elem()).Elem()
			fill(t, element, text)
			v.Set(reflect.Append(v, element))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				fill(t, v.Field(i), text)
			}
		}
	default:
		t.Fatalf("no values of type %s", v.Type())
	}
}

func TestParameterNames(t *testing.T) {
	no, empty := false, ""
	tests := []struct {
		name    string
		request Request
		want    url.Values
	}{
		{"nothing set", &RunCommandRequest{}, url.Values{}},
		{"scalars", &RunCommandRequest{RegionId: "cn-hangzhou", Timeout: 3600, KeepCommand: true}, url.Values{
			"RegionId": {"cn-hangzhou"}, "Timeout": {"3600"}, "KeepCommand": {"true"},
		}},
		{"a list counts from 1", &RunCommandRequest{InstanceId: []string{"i-a", "i-b"}}, url.Values{
			"InstanceId.1": {"i-a"}, "InstanceId.2": {"i-b"},
		}},
		{"a tag's empty value is sent", &RunCommandRequest{ResourceTag: []Tag{{Key: "env"}, {"role", "web"}}}, url.Values{
			"ResourceTag.1.Key": {"env"}, "ResourceTag.1.Value": {""}, "ResourceTag.2.Key": {"role"}, "ResourceTag.2.Value": {"web"},
		}},
		{"a map is a JSON object", &InvokeCommandRequest{Parameters: JSONMap{"name": `<"Jack" & Jill>`}}, url.Values{
			"Parameters": {`{"name":"<\"Jack\" & Jill>"}`},
		}},
		{"ids are a JSON array", &DescribeInstancesRequest{InstanceIds: JSONList{"i-a", "i-b"}}, url.Values{
			"InstanceIds": {`["i-a","i-b"]`},
		}},
		{"an empty list of ids is sent", &DescribeInstancesRequest{InstanceIds: JSONList{}}, url.Values{"InstanceIds": {`[]`}}},
		{"a filter by a tag's key, or by its empty value", &DescribeInstancesRequest{Tag: []TagFilter{{Key: "env"}, {"role", &empty}}}, url.Values{
			"Tag.1.Key": {"env"}, "Tag.2.Key": {"role"}, "Tag.2.Value": {""},
		}},
		{"lists in a list", &ListTagResourcesRequest{TagFilter: []TagPattern{{"env", []string{"a*", "b"}}, {TagKey: "role"}}}, url.Values{
			"TagFilter.1.TagKey": {"env"}, "TagFilter.1.TagValues.1": {"a*"}, "TagFilter.1.TagValues.2": {"b"}, "TagFilter.2.TagKey": {"role"},
		}},
		{"a pointer to false is sent", &DescribeInvocationsRequest{Timed: &no}, url.Values{"Timed": {"false"}}},
		{"managed instances that are not connected", &DescribeManagedInstancesRequest{
			InstanceId: []string{"mi-a", "mi-b"}, Connected: &no, Tag: []TagFilter{{Key: "env"}},
		}, url.Values{"InstanceId.1": {"mi-a"}, "InstanceId.2": {"mi-b"}, "Connected": {"false"}, "Tag.1.Key": {"env"}}},
		{"pages and filters", &DescribeInstancesRequest{
			Filter: []Tag{{"CreationStartTime", "2026-01-02T03:04Z"}}, Page: Page{MaxResults: 100, NextToken: "n"},
		}, url.Values{
			"Filter.1.Key": {"CreationStartTime"}, "Filter.1.Value": {"2026-01-02T03:04Z"}, "MaxResults": {"100"}, "NextToken": {"n"},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Encode(test.request)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	id := append(make([]string, 0, 8), "i-a")
	run := RunCommandRequest{InstanceId: id, InstanceIds: JSONList{"i-b"}}
	invoke := InvokeCommandRequest{InstanceId: id, InstanceIds: JSONList{"i-c"}}
	first, second := run.Targets(), invoke.Targets()
	if diff := cmp.Diff([]string{"i-a", "i-b"}, first); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"i-a", "i-c"}, second); diff != "" {
		t.Error(diff)
	}
}

func TestUnsupportedFields(t *testing.T) {
	for name, use := range map[string]func(){
		"Encode": func() { Encode(&strange{N: 1}) },
		"Decode": func() { _ = Decode(url.Values{}, &strange{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s accepts a field without an encoding", name)
				}
			}()
			use()
		}()
	}
}

type strange struct{ N uint8 }

func (*strange) Action() string   { return "Strange" }
func (*strange) Repeatable() bool { return false }
