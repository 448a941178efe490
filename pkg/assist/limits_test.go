package assist

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLimits(t *testing.T) {
	text := func(n int) string { return strings.Repeat("界", n) }
	ascii := func(n int) string { return strings.Repeat("x", n) }
	tests := []struct {
		name string
		max  int
		code string
		with func(n int) validatable
	}{
		{"name", 128, "CmdName.ExceedLimit", func(n int) validatable { return running(func(r *RunCommandRequest) { r.Name = text(n) }) }},
		{"description", 512, "CmdDesc.ExceedLimit", func(n int) validatable { return running(func(r *RunCommandRequest) { r.Description = text(n) }) }},
		{"working dir", 200, "InvalidParameter.WorkingDir", func(n int) validatable { return running(func(r *RunCommandRequest) { r.WorkingDir = text(n) }) }},
		{"user", 255, "Username.ExceedLimit", func(n int) validatable { return running(func(r *RunCommandRequest) { r.Username = text(n) }) }},
		{"password name", 255, "WindowsPasswordName.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.WindowsPasswordName = text(n) })
		}},
		{"launcher", 1024, "InvalidLauncher.LengthLimitExceeded", func(n int) validatable { return running(func(r *RunCommandRequest) { r.Launcher = ascii(n) }) }},
		{"token", 64, "InvalidClientToken.Malformed", func(n int) validatable { return running(func(r *RunCommandRequest) { r.ClientToken = ascii(n) }) }},
		{"content: 24 KB in Base64", 24 * 1024 / 4 * 3, "CmdContent.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.CommandContent = ascii(n) })
		}},
		{"content in Base64 already", 24 * 1024 / 4 * 3, "CmdContent.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) {
				r.ContentEncoding, r.CommandContent = Base64, EncodeContent([]byte(ascii(n)), Base64)
			})
		}},
		{"content kept: 18 KB in Base64", 18 * 1024 / 4 * 3, "CmdContent.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.KeepCommand, r.CommandContent = true, ascii(n) })
		}},
		{"content saved: 24 KB in Base64", 24 * 1024 / 4 * 3, "CmdContent.ExceedLimit", func(n int) validatable {
			return creating(func(r *CreateCommandRequest) { r.CommandContent = EncodeContent([]byte(ascii(n)), Base64) })
		}},
		{"content and parameters: 24 KB in Base64", 24 * 1024 / 4 * 3, "CmdContent.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) {
				r.EnableParameter, r.CommandContent = true, "{{ab}}{{ab}}"+ascii(9000)
				r.Parameters = JSONMap{"ab": ascii(n - 9000 - 12 - 2)} // the content uses it twice
			})
		}},
		{"content and parameters, kept: 18 KB in Base64", 18 * 1024 / 4 * 3, "CmdContent.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) {
				r.KeepCommand, r.EnableParameter, r.CommandContent = true, true, "{{a}}"
				r.Parameters = JSONMap{"a": ascii(n - 5 - 1)}
			})
		}},
		{"saved content and parameters: 24 KB in Base64", 24 * 1024 / 4 * 3, "CmdContent.ExceedLimit", func(n int) validatable {
			return invokingSaved(func(r *InvokeCommandRequest, c *Command) {
				c.CommandContent = "{{a}}" + ascii(9000)
				r.Parameters = JSONMap{"a": ascii(n - 9000 - 5 - 1)}
			})
		}},
		{"instances of a RunCommand", 50, "InstanceIds.ExceedLimit", func(n int) validatable { return running(func(r *RunCommandRequest) { r.InstanceId = ids(n) }) }},
		{"instances under both names", 50, "InstanceIds.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.InstanceId, r.InstanceIds = ids(25), JSONList(ids(n-25)) })
		}},
		{"instances of an InvokeCommand", 100, "InstanceIds.ExceedLimit", func(n int) validatable {
			return invoking(func(r *InvokeCommandRequest) { r.InstanceId = ids(n) })
		}},
		{"tags", 20, "NumberExceed.Tags", func(n int) validatable { return running(func(r *RunCommandRequest) { r.Tag = tags(n) }) }},
		{"tag key", 64, "InvalidTagKey.Malformed", func(n int) validatable { return running(func(r *RunCommandRequest) { r.Tag = []Tag{{text(n), ""}} }) }},
		{"tag value", 128, "InvalidTagValue.Malformed", func(n int) validatable { return running(func(r *RunCommandRequest) { r.Tag = []Tag{{"k", text(n)}} }) }},
		{"resource tags", 10, "NumberExceed.ResourceTags", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.InstanceId, r.ResourceTag = nil, tags(n) })
		}},
		{"resource tag key", 64, "InvalidResourceTagKey.Malformed", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.InstanceId, r.ResourceTag = nil, []Tag{{text(n), ""}} })
		}},
		{"resource tag value", 128, "InvalidResourceTagValue.Malformed", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.InstanceId, r.ResourceTag = nil, []Tag{{"k", text(n)}} })
		}},
		{"parameters", 10, "ParameterCount.ExceedLimit", func(n int) validatable { return invoking(func(r *InvokeCommandRequest) { r.Parameters = valuesOf(n) }) }},
		{"parameter key", 64, "ParameterKey.ExceedLimit", func(n int) validatable {
			return invoking(func(r *InvokeCommandRequest) { r.Parameters = JSONMap{ascii(n): ""} })
		}},
		{"names in a content", 20, "CmdParamCount.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.EnableParameter, r.CommandContent = true, placeholders(n) })
		}},
		{"a name in a content", 64, "CmdParamName.ExceedLimit", func(n int) validatable {
			return running(func(r *RunCommandRequest) { r.EnableParameter, r.CommandContent = true, "{{"+ascii(n)+"}}" })
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := test.with(test.max).validate(); err != nil {
				t.Errorf("%d: %v", test.max, err)
			}
			if diff := cmp.Diff([]string{test.code}, codes(test.with(test.max+1).validate())); diff != "" {
				t.Errorf("%d: %s", test.max+1, diff)
			}
		})
	}
}

func TestMinimumTimeoutOfInvokeCommand(t *testing.T) {
	for seconds, want := range map[int64]bool{0: true, 1: false, 9: false, 10: true, 86400: true, -1: false} {
		if err := invoking(func(r *InvokeCommandRequest) { r.Timeout = seconds }).validate(); (err == nil) != want {
			t.Errorf("%d s: %v", seconds, err)
		}
	}
}

func TestRaisedLimits(t *testing.T) {
	r := RunCommandRequest{RegionId: "cn-hangzhou", Type: "RunShellScript", CommandContent: "uptime", InstanceId: ids(100)}
	if err := r.Validate(Limits{RunInstances: 100}); err != nil {
		t.Error(err)
	}
	r.InstanceId = ids(101)
	if diff := cmp.Diff([]string{"InstanceIds.ExceedLimit"}, codes(r.Validate(Limits{RunInstances: 100}))); diff != "" {
		t.Error(diff)
	}
}

// ids returns n instance ids.
func ids(n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprint("i-", i))
	}
	return list
}

func tags(n int) []Tag {
	var list []Tag
	for i := range n {
		list = append(list, Tag{Key: fmt.Sprint("k", i)})
	}
	return list
}

// valuesOf returns n parameters. placeholders returns a content that uses them.
func valuesOf(n int) JSONMap {
	values := JSONMap{}
	for i := range n {
		values[fmt.Sprint("p", i)] = "v"
	}
	return values
}

func placeholders(n int) string {
	return "{{" + strings.Join(slices.Sorted(maps.Keys(valuesOf(n))), "}} {{") + "}}"
}
