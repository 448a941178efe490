package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/config"
	"muster/pkg/render"
	"muster/pkg/target"
	"muster/pkg/term"
)

// failure is an error on stderr when the output is JSON.
type failure struct {
	Error    failureText
	ExitCode int
}

// notice is what note says when the output is JSON.
type notice struct{ Note string }

type failureText struct {
	Code      string `json:",omitempty"` // the API's, where the service refused
	Message   string
	RequestId string `json:",omitempty"`
	HostId    string `json:",omitempty"`

	Line   int `json:",omitempty"` // of the script, where it is wrong
	Column int `json:",omitempty"`

	AccessDeniedDetail *assist.AccessDeniedDetail `json:",omitempty"` // what RAM says of a refusal of its own
}

// complain says on stderr what went wrong and what to do: a line each, or JSON where the output is JSON.
func (a *app) complain(err error, code int) {
	var outcome *outcomeError
	if errors.As(err, &outcome) {
		return
	}
	var faults assist.Faults
	if errors.As(err, &faults) {
		for _, fault := range faults {
			a.complainOf(fault, code)
		}
		return
	}
	if unmatched, ok := errors.AsType[*target.UnmatchedError](err); ok && len(unmatched.All) > 1 {
		for i := range unmatched.All[:min(len(unmatched.All), mostComplaints)] {
			a.complainOf(&target.UnmatchedError{All: unmatched.All[i : i+1]}, code)
		}
		if more := len(unmatched.All) - mostComplaints; more > 0 {
			a.complainOf(usagef("and %d more parts of the selection match nothing", more), code)
		}
		return
	}
	a.complainOf(err, code)
}

// mostComplaints bounds how many mistakes of one kind are told one by one.
const mostComplaints = 10

func (a *app) complainOf(err error, code int) {
	message := a.explain(err)
	if !a.wantsJSON() {
		fmt.Fprintln(a.streams.Err, a.streams.ErrPainter().Bad("muster:"), message)
		return
	}
	f := failure{Error: failureText{Message: message}, ExitCode: code}
	var refused *assist.Error
	if errors.As(err, &refused) {
		f.Error.Code, f.Error.RequestId, f.Error.HostId = refused.Code, refused.RequestId, refused.HostId
		f.Error.AccessDeniedDetail = refused.AccessDeniedDetail
	}
	if wrong, ok := errors.AsType[*scriptSyntaxError](err); ok {
		f.Error.Line, f.Error.Column = wrong.Line, wrong.Column
	}
	_ = render.Line(a.streams.Err, f) // there is nowhere left to complain
}

// wantsJSON reports whether a program reads the output, and with it what is said on stderr.
func (a *app) wantsJSON() bool {
	if a.config == nil {
		return a.askedJSON
	}
	return !a.implied && (a.config.Output == string(render.JSON) || a.config.Output == string(render.NDJSON))
}

// explain puts an error and its remedy into one line.
func (a *app) explain(err error) string {
	message := strings.Join(strings.Fields(a.secrets.Mask(err.Error())), " ")
	if errors.Is(err, context.Canceled) {
		message = "interrupted" // whatever it was that was cut off
	}
	var refused *assist.Error
	if errors.As(err, &refused) && refused.Code == "SignatureDoesNotMatch" {
		// The service's text goes on with what it signed itself, script and all.
		message = fmt.Sprintf("%s: SignatureDoesNotMatch (request %s)", refused.Action, refused.RequestId)
	}
	if advice := a.remedy(err); advice != "" {
		message = strings.TrimSuffix(message, ".") + "; " + advice
	}
	return term.Sanitize(a.secrets.Mask(message))
}

func (a *app) remedy(err error) string {
	var (
		refused     *assist.Error
		credentials *assist.CredentialsError
		lost        *assist.TransportError
		foreign     *assist.AnswerError
		setting     *config.Error
		dial        *net.OpError
		dns         *net.DNSError
	)
	switch {
	case badSelection(err):
		return meantSelection(err)
	case errors.As(err, &credentials) && credentials.Source != "":
		return credentials.Remedy
	case errors.As(err, &credentials):
		return "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, choose a --profile, or try muster without an account by --lab=5"
	case errors.As(err, &refused):
		if region := a.meantRegion(err); region != "" {
			return region
		}
		if entry, ok := catalogue.Find(refused.Code, a.language()); ok {
			return a.namingFlag(remedyFor(refused, entry, a.language()), entry.Code)
		}
		return ""
	case errors.As(err, &foreign):
		return "check --endpoint, and whether a proxy stands between: HTTPS_PROXY, HTTP_PROXY, NO_PROXY"
	case errors.As(err, &dial) && dial.Op == "listen":
		return "choose another --listen, with port 0 for any that is free"
	case errors.As(err, &dns):
		if region := a.meantRegion(err); region != "" {
			return region
		}
		return "check --region, --endpoint and the network"
	case errors.As(err, &lost) && errors.As(err, &dial):
		return "check --endpoint and the network"
	case errors.As(err, &setting) && len(setting.Known) > 0:
		return "known: " + strings.Join(setting.Known, ", ")
	}
	return ""
}
