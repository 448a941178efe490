package render

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"muster/pkg/fleet"
	"muster/pkg/jq"
)

func TestJQ(t *testing.T) {
	run := oneTarget(fleet.CauseSuccess, "web", "hello\n")
	for text, want := range map[string]string{
		".Instances[].InstanceName":                "web\n",
		".Counts.success, .Counts.Total":           "0\n1\n",
		".Instances | map(.Cause)":                 "[\"success\"]\n",
		".Instances[0].Output | rtrimstr(\"\\n\")": "hello\n",
		".Instances[0].Output | test(\"lo$\")":     "true\n",
		`"{\"load\":0.42}" | fromjson | .load`:     "0.42\n",
		`"/w==" | @base64d`:                        "\uFFFD\n",
		"empty":                                    "", "halt": "", "1, halt, 2": "1\n",
	} {
		query, err := ParseJQ(text, jq.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := WriteQuery(t.Context(), &b, query, run); err != nil || b.String() != want {
			t.Errorf("%s returns %q, %v; want %q", text, b.String(), err, want)
		}
	}
}

// document is any JSON.
type anyDocument map[string]any

func TestTemplates(t *testing.T) {
	document := anyDocument{
		"Name": "web-1", "ExitCode": 3, "Big": 9007199254740993, "Load": 0.42, "Large": 1e6, "None": nil, "Names": []string{"a", "b"},
		"Output": " ready: yes\n", "StartTime": "2026-11-27T10:15:01Z", "Counts": map[string]int{"success": 2},
	}
	for text, want := range map[string]string{
		`{{if gt .ExitCode 0}}bad{{end}}`:                    "bad",
		`{{printf "%03d" .ExitCode}}`:                        "003",
		`{{.Big}} {{.Load}} {{.Large}}`:                      "9007199254740993 0.42 1000000",
		`[{{.None}}{{.Absent}}]`:                             "[]",
		`[{{with .Absent}}x{{else}}y{{end}}]`:                "[y]",
		`{{$x := .None}}[{{$x}}]`:                            "[]",
		`{{json .None}} {{json .}}`:                          `null {"Big":9007199254740993,"Counts":{"success":2},"ExitCode":3,"Large":1000000,"Load":0.42,"Name":"web-1","Names":["a","b"],"None":null,"Output":" ready: yes\n","StartTime":"2026-11-27T10:15:01Z"}`,
		`{{.Counts.success | json}}`:                         "2",
		`{{.Name | upper}} {{upper .Name | lower}}`:          "WEB-1 web-1",
		`{{.Names | join ","}} {{join "-" .Names}}`:          "a,b a-b",
		`{{join "," .None}}`:                                 "",
		`{{.Output | trim}}|{{.Output | trim | truncate 6}}`: "ready: yes|ready…",
		`{{range .Name | split "-"}}<{{.}}>{{end}}`:          "<web><1>",
		`{{range .Output | lines}}<{{.}}>{{end}}`:            "< ready: yes>",
		`{{.Name | replace "-" "_"}}`:                        "web_1",
		`{{.Output | contains "yes"}} {{.Name | hasPrefix "web"}} {{hasSuffix "2" .Name}}`:                                                           "true true false",
		`{{.Absent | default "none"}} {{.ExitCode | default 7}} {{default 0 .None}}`:                                                                 "none 3 0",
		`{{.Name | b64enc}} {{.Name | b64enc | b64dec}}`:                                                                                             "d2ViLTE= web-1",
		`{{.StartTime | date "02.01. 15:04"}}{{.None | date "15:04"}}`:                                                                               "27.11. 10:15",
		`{{len .Names}} {{index .Names 1}} {{slice .Name 0 3}}`:                                                                                      "2 b web",
		`{{define "row"}}<{{.None}}>{{end}}{{template "row" .}}`:                                                                                     "<>",
		`{{gt .None 0}} {{lt .Absent 0}} {{eq .None 0}} {{ne .None 0}} {{eq .Name "a" "web-1"}} {{eq true false}}`:                                   "false false false true true false",
		`{{gt .Load 0}} {{lt .Load 1}} {{eq .Large 1000000}} {{eq .Big 9007199254740992}} {{lt .Name "x"}} {{ge .ExitCode 3}} {{le (len .Names) 2}}`: "true true true false true true true",
		`{{eq .ExitCode 3}} {{eq .None nil}}`:                                                                                                        "true true",
	} {
		query, err := ParseTemplate(text, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var b bytes.Buffer
		if err := WriteQuery(t.Context(), &b, query, document); err != nil || b.String() != want {
			t.Errorf("%s returns %q, %v; want %q", text, b.String(), err, want)
		}
	}
}

func TestTemplateKeys(t *testing.T) {
	keys := []string{"Instances", "InstanceId", "Calls", "Counts", "success"}
	for text, unknown := range map[string]string{
		`{{range .Instances}}{{.InstanceId}}{{end}}`:   "",
		`{{range .Instances}}{{.InstanceID}}{{end}}`:   "InstanceID",
		`{{range $i := .Instances}}{{$i.Nope}}{{end}}`: "Nope",
		`{{if .Instances}}{{else if .Nope}}{{end}}`:    "Nope",
		`{{.Counts.nope}}`:                             "nope", `{{.Counts.success}}`: "",
		`{{(index .Instances 0).Nope}}`:                   "Nope",
		`{{define "x"}}{{.Nope}}{{end}}{{template "x"}}`:  "Nope",
		`{{.Calls.RunCommand}}`:                           "",
		`{{.properties}}{{len .Instances | printf "%d"}}`: "",
	} {
		_, err := ParseTemplate(text, keys)
		wrong, _ := errors.AsType[*QueryError](err)
		if err == nil && unknown != "" || wrong != nil && wrong.Word != unknown {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestQueryErrorsHaveAPlace(t *testing.T) {
	for text, column := range map[string]int{".a[": 0, "\"日本\" | ]": 8, ".a | }": 6, ".a |\n.b }": 4, "\".日\" | $x": 8, ".nope | nope": 9, "nope | nope": 0, ".a |\n  nope(1)": 3} {
		_, err := ParseJQ(text, jq.Options{})
		wrong, ok := errors.AsType[*QueryError](err)
		if !ok || column > 0 && (wrong.Column != column || wrong.Line != strings.Count(text, "\n")+1) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, place := range map[string][2]int{"{{.a": {1, 0}, "x\n日{{nope}}": {2, 0}, "x\n日{{.A.InstanceID}}": {2, 6}} {
		_, err := ParseTemplate(text, []string{"A"})
		wrong, ok := errors.AsType[*QueryError](err)
		if !ok || wrong.Line != place[0] || wrong.Column != place[1] || strings.Contains(err.Error(), "template:") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestQueryErrors checks errors of a document: results before the error are written, and the record is named.
func TestQueryErrors(t *testing.T) {
	parseJQ := func(text string) (Query, error) { return ParseJQ(text, jq.Options{}) }
	parseTemplate := func(text string) (Query, error) { return ParseTemplate(text, nil) }
	for _, test := range []struct {
		parse     func(string) (Query, error)
		text      string
		out, says string
	}{
		{parseJQ, `.Name, error("no")`, "web-1\n", `".Name, error(\"no\")", for web-1: error: no`},
		{parseJQ, `.Name, ("bye\n" | halt_error)`, "web-1\n", "for web-1: bye"},
		{parseJQ, `.Name, input`, "web-1\n", "error: break"},
		{parseJQ, `.Name + 1`, "", "cannot add: string"},
		{parseTemplate, `{{gt .Name 0}}`, "", "a text and a number cannot be compared"},
		{parseTemplate, `{{join "," 1}}`, "", "join needs a list, not a number"},
		{parseTemplate, "{{.Name}}\n日{{len 1}}", "web-1\n日", `line 2, column 4, for web-1: at <len 1>: error calling len`},
	} {
		query, err := test.parse(test.text)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		err = WriteQuery(t.Context(), &b, query, anyDocument{"Name": "web-1"})
		if _, ok := errors.AsType[*QueryError](err); !ok || b.String() != test.out || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s returns %q, %v", test.text, b.String(), err)
		}
	}
}

// TestQueriesEnd interrupts queries that do not end by themselves.
func TestQueriesEnd(t *testing.T) {
	gone := errors.New("gone")
	jqQuery, err := ParseJQ("repeat(empty), repeat(.)", jq.Options{})
	if err != nil {
		t.Fatal(err)
	}
	templateQuery, err := ParseTemplate("{{range 1000000000}}x{{end}}", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []Query{jqQuery, templateQuery} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(gone)
		if err := WriteQuery(ctx, io.Discard, query, anyDocument{}); !errors.Is(err, gone) {
			t.Errorf("err %v", err)
		}
	}
}

// TestQueryWriteErrors checks that the error of a closed pipe is returned unchanged, so that it is not reported.
func TestQueryWriteErrors(t *testing.T) {
	gone := errors.New("gone")
	for _, parse := range []func() (Query, error){
		func() (Query, error) { return ParseJQ(".", jq.Options{}) },
		func() (Query, error) { return ParseJQ("repeat(.)", jq.Options{}) },
		func() (Query, error) { return ParseTemplate("{{.}}", nil) },
	} {
		query, err := parse()
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteQuery(t.Context(), failing{gone}, query, oneTarget(fleet.CauseExit, "", "")); !errors.Is(err, gone) {
			t.Errorf("err %v", err)
		}
	}
}
