package cmd

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/render"
	"muster/pkg/term"
)

// failure is an error on stderr when the output is JSON.
type failure struct {
	Error    failureText
	ExitCode int
}

type failureText struct {
	Code      string `json:",omitempty"` // the API's, where the service refused
	Message   string
	RequestId string `json:",omitempty"`
}

// report says on stderr what went wrong and what to do: a line each, or JSON where the output is JSON.
func (a *app) report(err error, code int) {
	var outcome *outcomeError
	if errors.As(err, &outcome) {
		return
	}
	var faults assist.Faults
	if errors.As(err, &faults) {
		for _, fault := range faults {
			a.reportOne(fault, code)
		}
		return
	}
	a.reportOne(err, code)
}

func (a *app) reportOne(err error, code int) {
	message := explain(err)
	if a.config == nil || a.config.Output != string(render.JSON) && a.config.Output != string(render.NDJSON) {
		fmt.Fprintln(a.streams.Err, a.streams.ErrPainter().Bad("muster:"), message)
		return
	}
	f := failure{Error: failureText{Message: message}, ExitCode: code}
	var refused *assist.Error
	if errors.As(err, &refused) {
		f.Error.Code, f.Error.RequestId = refused.Code, refused.RequestId
	}
	_ = render.Line(a.streams.Err, f) // there is nowhere left to complain
}

// explain puts an error and its remedy into one line.
func explain(err error) string {
	message := strings.Join(strings.Fields(err.Error()), " ")
	var refused *assist.Error
	if errors.As(err, &refused) && refused.Code == "SignatureDoesNotMatch" {
		// The service's text goes on with what it signed itself, script and all.
		message = fmt.Sprintf("%s: SignatureDoesNotMatch (request %s)", refused.Action, refused.RequestId)
	}
	if advice := remedy(err); advice != "" {
		message += "; " + advice
	}
	return term.Sanitize(message)
}

func remedy(err error) string {
	var (
		refused     *assist.Error
		credentials *assist.CredentialsError
		lost        *assist.TransportError
		setting     *config.Error
		dial        *net.OpError
		dns         *net.DNSError
	)
	switch {
	case errors.As(err, &credentials):
		return "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, choose a --profile, or try muster without an account by --lab=5"
	case errors.As(err, &refused):
		return remedies[refused.Code]
	case errors.As(err, &dns):
		return "check --region, --endpoint and the network"
	case errors.As(err, &lost) && errors.As(err, &dial):
		return "check --endpoint and the network"
	case errors.As(err, &setting) && len(setting.Known) > 0:
		return "known: " + strings.Join(setting.Known, ", ")
	}
	return ""
}

// remedies say what to do about the codes that a user meets before anything is sent.
var remedies = map[string]string{
	"SignatureDoesNotMatch":        "the access key secret is wrong",
	"InvalidAccessKeyId.NotFound":  "the access key id is unknown to the service: check it, and the endpoint that it belongs to",
	"InvalidTimeStamp.Expired":     "this machine's clock is off by more than 15 minutes",
	"InvalidSecurityToken.Expired": "get new STS credentials",
	"InvalidRegionId.NotFound":     "choose another --region",
	"RegionId.ApiNotSupported":     "Cloud Assistant does not serve this region: choose another --region",
	"Forbidden.RAM":                "the user lacks this permission: have it granted in RAM",
	"Invocation.ExceedQuota":       "today's quota of invocations is used up: go on tomorrow, or have it raised in Quota Center",
	"CmdContent.ExceedLimit":       "shorten the script, or have it fetch the rest",
	"InvalidCmdId.NotFound":        "list the saved commands of this region with the aliyun CLI or the console",
}
