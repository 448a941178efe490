package assist

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParameterNamesOfContent(t *testing.T) {
	tests := []struct {
		content string
		want    []string
	}{
		{"echo hello", nil},
		{"echo {{name}}", []string{"name"}},
		{"echo {{ name }} {{\n\tother\r\n}}", []string{"name", "other"}},
		{"{{b}}{{a}}{{b}}", []string{"b", "a"}},
		{"{{Name}} {{NAME}} {{name}}", []string{"name"}},
		{"{{a-b_C9}}", []string{"a-b_c9"}},
		{"{{ACS::InstanceId}} {{acs::regionid}} {{ ACS::Unknown }} {{ACS :: InstanceId}}", nil},
		{"{{oos:password}} {{oos-secret:password}} {{oos}}", []string{"oos"}},
		{"{{}} {{ }} {a} {{a b}} {{a}", nil},
		{"{{{a}}}", []string{"a"}},
		{"${#list[@]} $(( 1 + 1 ))", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, ParameterNames(test.content)); diff != "" {
			t.Errorf("%q: %s", test.content, diff)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	want := []Placeholder{
		{Name: "Name", Custom: true, Offset: 3, Size: 10}, {Name: "ACS::InstanceId", Offset: 14, Size: 21}, {Name: "oos:x", Offset: 36, Size: 9},
	}
	if got := Placeholders("é {{ Name }} {{ACS :: InstanceId}} {{oos:x}} {{a b}} {x}"); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestFillParameters(t *testing.T) {
	values := map[string]string{"name": "Jack", "Path": `C:\$1`, "nested": "{{name}}", "void": ""}
	tests := []struct{ content, want string }{
		{"echo {{name}}", "echo Jack"},
		{"echo {{ name }}, {{\n name\n}}", "echo Jack, Jack"},
		{"{{NAME}} {{Name}} {{path}}", `Jack Jack C:\$1`},
		{"[{{missing}}] [{{void}}]", "[] []"},
		{"{{nested}}", "{{name}}"},
		{"{{name}}{{name}}", "JackJack"},
		{"{{ACS::InstanceId}} {{ acs::name }} {{oos:name}}", "{{ACS::InstanceId}} {{ acs::name }} {{oos:name}}"},
		{"{name} {{a b}} $name", "{name} {{a b}} $name"},
	}
	for _, test := range tests {
		if got := FillParameters(test.content, values); got != test.want {
			t.Errorf("%q becomes %q, want %q", test.content, got, test.want)
		}
	}
	if got := FillParameters("a{{name}}b", nil); got != "ab" {
		t.Errorf("without any values: %q", got)
	}
}

func TestFillBuiltins(t *testing.T) {
	values := map[string]string{}
	for _, name := range Builtins() {
		values[name] = "<" + name + ">"
	}
	tests := []struct{ content, want, unknown string }{
		{"{{ACS::RegionId}} {{ ACS::InvokeId }}", "<ACS::RegionId> <ACS::InvokeId>", ""},
		{"{{ ACS :: RegionId }} {{ACS::\n\tInvokeId}}", "<ACS::RegionId> <ACS::InvokeId>", ""},
		{"{{ACS :: Nonsense}}", "", "ACS::Nonsense"},
		{"{{ACS :: a b}} {{acs :: RegionId}}", "{{ACS :: a b}} {{acs :: RegionId}}", ""},
		{"{{name}} {{oos:x}}", "{{name}} {{oos:x}}", ""},
		{"{{ACS::AccountId}} {{ACS::Nonsense}} {{ACS::Other}}", "<ACS::AccountId>  ", "ACS::Nonsense"},
		{"{{ACS::instanceid}}", "", "ACS::instanceid"}, // the names are case-sensitive
		{"{{acs::InstanceId}} {{Acs::Nonsense}}", "{{acs::InstanceId}} {{Acs::Nonsense}}", ""},
	}
	for _, test := range tests {
		if got, unknown := FillBuiltins(test.content, values); got != test.want || unknown != test.unknown {
			t.Errorf("%q becomes %q, unknown %q; want %q, %q", test.content, got, unknown, test.want, test.unknown)
		}
	}
}

func TestHasBuiltin(t *testing.T) {
	for content, want := range map[string]bool{
		"echo {{ ACS::InstanceId }}": true, "echo {{ACS :: InstanceId}}": true, "echo {{acs::InstanceId}}": false, "echo {{ACS::Nothing}}": false, "echo {{name}}": false, "": false,
	} {
		if got := HasBuiltin(content); got != want {
			t.Errorf("HasBuiltin(%q) = %v", content, got)
		}
	}
}
