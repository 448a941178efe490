package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/render"
	"muster/pkg/target"
	"muster/pkg/term"
)

// failure is an error on stderr if the output is JSON.
type failure struct {
	Error    failureText
	ExitCode int
}

// notice is a note on stderr if the output is JSON.
type notice struct{ Note string }

type failureText struct {
	Code      string `json:",omitempty"` // the API's, if the service refused
	Message   string
	RequestId string `json:",omitempty"`
	HostId    string `json:",omitempty"`

	Line   int `json:",omitempty"` // of the script, if that is the problem
	Column int `json:",omitempty"`

	AccessDeniedDetail *assist.AccessDeniedDetail `json:",omitempty"` // why RAM refused
}

// printError prints on stderr what went wrong and what to do about it: a line for each error, or JSON if the output is JSON.
func (p *printer) printError(err error, code int) {
	if isA[*outcomeError](err) {
		return
	}
	if faults, ok := errors.AsType[assist.ValidationErrors](err); ok {
		for _, fault := range faults {
			p.printOneError(fault, code)
		}
		return
	}
	if unmatched, ok := errors.AsType[*target.UnmatchedError](err); ok && len(unmatched.All) > 1 {
		for i := range unmatched.All[:min(len(unmatched.All), maxErrorLines)] {
			p.printOneError(&target.UnmatchedError{All: unmatched.All[i : i+1]}, code)
		}
		if more := len(unmatched.All) - maxErrorLines; more > 0 {
			p.printOneError(usagef("and %d more parts of the selection match nothing", more), code)
		}
		return
	}
	p.printOneError(err, code)
}

// maxErrorLines bounds how many errors of one kind are printed.
const maxErrorLines = 10

func (p *printer) printOneError(err error, code int) {
	message := p.explain(err)
	if !p.wantsJSON() {
		fmt.Fprintln(p.streams.Err, p.streams.ErrPainter().Bad("muster:"), message)
		return
	}
	f := failure{Error: failureText{Message: message}, ExitCode: code}
	if refused, ok := errors.AsType[*assist.Error](err); ok {
		f.Error.Code, f.Error.RequestId, f.Error.HostId = refused.Code, refused.RequestId, refused.HostId
		f.Error.AccessDeniedDetail = refused.AccessDeniedDetail
	}
	if wrong, ok := errors.AsType[*scriptSyntaxError](err); ok {
		f.Error.Line, f.Error.Column = wrong.Line, wrong.Column
	}
	_ = render.Line(p.streams.Err, f) // there is nowhere to report an error to
}

// wantsJSON reports whether a program reads the output. Notes and errors are JSON then, too.
func (p *printer) wantsJSON() bool {
	if p.config == nil {
		return p.askedJSON
	}
	return !p.forPeople && (p.config.Output == string(render.JSON) || p.config.Output == string(render.NDJSON))
}

// explain returns an error and the advice about it as one line.
func (p *printer) explain(err error) string {
	message := strings.Join(strings.Fields(p.secrets.Mask(err.Error())), " ")
	if errors.Is(err, context.Canceled) {
		message = "interrupted" // whatever was cut off
	}
	if refused, ok := errors.AsType[*assist.Error](err); ok && refused.Code == "SignatureDoesNotMatch" {
		// The service's text continues with what it signed, which includes the script.
		message = fmt.Sprintf("%s: SignatureDoesNotMatch (request %s)", refused.Action, refused.RequestId)
	}
	if advice := p.advice(err); advice != "" {
		message = strings.TrimSuffix(message, ".") + "; " + advice
	}
	return term.Sanitize(p.secrets.Mask(message))
}
