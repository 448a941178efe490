package cmd

import (
	"bytes"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/config"
	"muster/pkg/term"
)

func TestAdviceFitsCall(t *testing.T) {
	tests := []struct {
		refused  assist.Error
		language catalogue.Language
		want     string
	}{
		{assist.Error{Action: "DescribeInstances", Code: "Forbidden.RAM"}, catalogue.English, "grant the permission ecs:DescribeInstances in RAM"},
		{assist.Error{Action: "AssumeRole", Code: "Forbidden.RAM"}, catalogue.Chinese, "权限 sts:AssumeRole"},
		{assist.Error{Code: "Forbidden.RAM"}, catalogue.English, "grant the permission for the action in RAM"},
		{
			assist.Error{Action: "SendFile", Code: "Forbidden.RAM", AccessDeniedDetail: &assist.AccessDeniedDetail{AuthAction: "oos:GetParameter"}},
			catalogue.Japanese, "oos:GetParameter",
		},
		{assist.Error{Action: "DescribeInstances", Code: "InternalError"}, catalogue.English, "this call only reads: try again later"},
		{assist.Error{Action: "DescribeInstances", Code: "ServiceUnavailable"}, catalogue.Japanese, "読み取りだけ"},
		{assist.Error{Action: "ListTagResources", Code: "HTTP502"}, catalogue.English, "check --endpoint"},
		{assist.Error{Action: "RunCommand", Code: "InternalError"}, catalogue.English, "check with muster invocations"},
	}
	for _, test := range tests {
		entry, ok := catalogue.Find(test.refused.Code, test.language)
		got := adviceFor(&test.refused, entry, test.language)
		if !ok || !strings.Contains(got, test.want) || readOnly(test.refused.Action) && strings.Contains(got, "client-token") {
			t.Errorf("%s: %s: %q, want %q", test.refused.Action, test.refused.Code, got, test.want)
		}
	}
}

func TestRetriesAreReportedOnce(t *testing.T) {
	failed := &assist.Error{Action: "DescribeInstances", Code: "InternalError", HTTPStatus: 500}
	tests := []struct {
		name   string
		config config.Config
		want   string
	}{
		{"", config.Config{}, "muster: still retrying: DescribeInstances: InternalError\n"},
		{"quiet", config.Config{Quiet: true}, ""},
		{"each is reported", config.Config{Verbose: true}, ""},
	}
	for _, test := range tests {
		var stderr bytes.Buffer
		a := newApp(term.New(strings.NewReader(""), &bytes.Buffer{}, &stderr, nil), func(string) string { return "" })
		a.config, a.reportsRuns = &test.config, true
		a.noteRetrying(new(assist.RunCommandRequest), failed)
		a.noteRetrying(new(assist.DescribeInvocationsRequest), failed)
		a.noteRetrying(new(assist.DescribeInstancesRequest), failed)
		a.noteRetrying(new(assist.DescribeInstancesRequest), failed)
		if got := stderr.String(); got != test.want {
			t.Errorf("%s: stderr is %q, want %q", test.name, got, test.want)
		}
	}
}
