package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pkg/assist"
)

// modify returns a valid call with one change.
func (p *provoker) modify(change func(*assist.ModifyInvocationAttributeRequest)) assist.Request {
	r := &assist.ModifyInvocationAttributeRequest{RegionId: labRegion, InvokeId: p.scheduled, CommandContent: "echo {{a}} again"}
	if change != nil {
		change(r)
	}
	return r
}

// rawModify is a ModifyInvocationAttribute with Parameters of any form.
type rawModify struct{ RegionId, InvokeId, Parameters string }

func (*rawModify) Action() string   { return "ModifyInvocationAttribute" }
func (*rawModify) Repeatable() bool { return false }

func (p *provoker) modifyProvocations() map[string]func(*assist.ModifyInvocationAttributeRequest) {
	type request = assist.ModifyInvocationAttributeRequest
	parameters := func(values assist.JSONMap) func(*request) {
		return func(r *request) { r.EnableParameter, r.Parameters = new(true), values }
	}
	of := func(invokeID string) func(*request) { return func(r *request) { r.InvokeId = invokeID } }
	adding := func(ids ...string) func(*request) { return func(r *request) { r.InstanceId = ids } }
	var hundred []string
	for i := range 100 {
		hundred = append(hundred, nth(i+10))
	}
	eleven := assist.JSONMap{}
	for _, name := range strings.Split("abcdefghijk", "") {
		eleven[name] = ""
	}
	return map[string]func(*request){
		"InvalidParameter.Frequency":                        func(r *request) { r.Frequency = "now and then" },
		"InvalidParameters.KeyDuplicate":                    parameters(assist.JSONMap{"a": "1", "A": "2"}),
		"InvalidParameters.KeyNotMatch":                     parameters(assist.JSONMap{"b": "1"}),
		"InvalidParameters.KeyMalformed":                    parameters(assist.JSONMap{"a.b": "1"}),
		"InvalidParameters.KeyEmpty":                        parameters(assist.JSONMap{"": "1"}),
		"InvalidParameters.CountLimitExceeded":              parameters(eleven),
		"InvalidParameters.KeyLengthLimitExceeded":          parameters(assist.JSONMap{strings.Repeat("x", 65): "1"}),
		"InvalidCommandContent.DecodeError":                 func(r *request) { r.ContentEncoding, r.CommandContent = assist.Base64, "*" },
		"InvalidCommandContent.LengthLimitExceeded":         func(r *request) { r.CommandContent = strings.Repeat("x", 20_000) },
		"InvalidInstanceId.OSTypeUnsupported":               adding(nth(5)),
		"InvalidInstanceId.NotFound":                        adding("i-nobody"),
		"InvalidInstanceId.CountLimitExceeded":              adding(hundred...),
		"InvalidOperation.RepeatModeUnsupported":            of(p.once),
		"InvalidOperation.InvokeAlreadyFinished":            of(p.ended),
		"InvalidOperation.CloudAssistantVersionUnsupported": of(p.outdated),
		"InvalidInvokeId.NotFound":                          of("t-none"),
		"InvalidRegionId.NotFound":                          func(r *request) { r.RegionId = "cn-nowhere" },
	}
}

func (p *provoker) modifyRefusals(t *testing.T) map[string]refusal {
	t.Helper()
	long := filepath.Join(t.TempDir(), "long.sh")
	if err := os.WriteFile(long, []byte(strings.Repeat("#", 20_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	edit := func(flags ...string) refusal {
		return refusal{args: append([]string{"schedule", "edit", p.scheduled}, flags...)}
	}
	own := func(r refusal, says string) refusal { return refusal{r.args, says} }
	return map[string]refusal{
		"InvalidParameter.Frequency":                edit("--frequency", "rate(59s)"),
		"InvalidParameters.KeyDuplicate":            own(edit("-P", "a=1", "-P", "A=2"), "given twice"),
		"InvalidParameters.KeyMalformed":            edit("-P", "a.b=1"),
		"InvalidParameters.KeyEmpty":                edit("--enable-parameter", "--", "echo {{}}"),
		"InvalidParameters.CountLimitExceeded":      edit(repeated(11, "--param", "N=1")...),
		"InvalidParameters.KeyLengthLimitExceeded":  edit("-P", strings.Repeat("x", 65)+"=1"),
		"InvalidCommandContent.DecodeError":         own(edit("--content-encoding", "Base64", "--", "a"), "is not in Base64"),
		"InvalidCommandContent.LengthLimitExceeded": own(edit("-f", long), "is too long"),
	}
}
