package lab

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

// maxBody bounds a request's body, and with a little more its head: a script of 24 KB is 36 KB in a query.
const maxBody = 1 << 20

// incoming is a call as it came.
type incoming struct {
	*http.Request
	body   []byte
	params url.Values // of query and form together
	reply  reply
}

// ServeHTTP answers one call of the API, if it names this machine by its loopback.
func (l *Lab) ServeHTTP(w http.ResponseWriter, r *http.Request) { l.handle(w, r, nil) }

// take answers one call, which may also name the address that it came to, or one of some names.
func (l *Lab) handle(w http.ResponseWriter, r *http.Request, own hostNames) {
	in, err := readIncoming(w, r, own)
	a := apiResponse{requestID: newRequestID(), host: r.Host, xml: in.xml(), action: in.action()}
	if err == nil {
		a.response, err = l.serve(in)
	}
	defer in.reply.release()
	in.reply.deliver(w, r, func(w http.ResponseWriter) { a.write(w, err) })
}

// read takes a request in, if it is one that may come in at all. Where the service's own code is not known, the code says
// what is wrong.
func readIncoming(w http.ResponseWriter, r *http.Request, own hostNames) (*incoming, error) {
	in := &incoming{Request: r, params: url.Values{}}
	// A web page can have its own name point here; the browser then names that host.
	if !own.allow(r) {
		return in, assist.Refusal(http.StatusForbidden, "Forbidden.Host", "The lab answers to the names of this machine only.")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return in, assist.Refusal(http.StatusMethodNotAllowed, "UnsupportedHTTPMethod", "This HTTP method is not supported.")
	}
	query, err := signature.ParseParams(r.URL.RawQuery)
	in.params = query // what can be decoded, for the refusal's format
	if err != nil {
		return in, assist.Refusal(http.StatusBadRequest, "InvalidParameter", "The query string cannot be decoded.")
	}
	if in.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return in, assist.Refusal(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is too large.")
		}
		return in, assist.Refusal(http.StatusBadRequest, "InvalidParameter", "The request's body cannot be read.")
	}
	return in, in.readForm()
}

// readForm adds the body's parameters to the query's. A body of another kind would be none of the API's.
func (in *incoming) readForm() error {
	kind := ""
	if header := in.Header.Get("Content-Type"); header != "" {
		var err error
		if kind, _, err = mime.ParseMediaType(header); err != nil {
			kind = "unknown"
		}
	}
	kinds := []string{"application/x-www-form-urlencoded"}
	if len(in.body) == 0 {
		kinds = append(kinds, "", "application/json", "application/octet-stream")
	}
	if !slices.Contains(kinds, kind) {
		return assist.Refusal(http.StatusUnsupportedMediaType, "UnsupportedContentType", "The parameters must be in the query or in a form.")
	}
	form, err := signature.ParseParams(string(in.body))
	for name, values := range form {
		in.params[name] = append(in.params[name], values...)
	}
	if err != nil {
		return assist.Refusal(http.StatusBadRequest, "InvalidParameter", "The form cannot be decoded.")
	}
	return in.checkUnambiguous()
}

// unambiguous refuses a parameter of two values: its signature would be good for either of them. What some clients send in
// the query and again in the form is the same.
func (in *incoming) checkUnambiguous() error {
	for name, values := range in.params {
		if slices.ContainsFunc(values, func(value string) bool { return value != values[0] }) {
			return assist.Refusal(http.StatusBadRequest, "InvalidParameter", fmt.Sprintf("The parameter %q is there more than once.", name))
		}
	}
	return nil
}

func (in *incoming) xml() bool {
	return strings.EqualFold(in.params.Get("Format"), "XML")
}

// action is the one that the signature covers: version 3 signs the header and version 1 the parameter. A header in place
// of a signed parameter would let a stranger choose.
func (in *incoming) action() string { return in.signed("x-acs-action", "Action") }

// version is that of the API that the action belongs to.
func (in *incoming) version() string { return in.signed("x-acs-version", "Version") }

// unsigned reports whether a request has no signature of either version. Only an anonymous action takes it.
func (in *incoming) unsigned() bool {
	return in.Header.Get("Authorization") == "" && !in.params.Has("Signature")
}

func (in *incoming) signed(header, param string) string {
	if signature.IsV3(in.Request) || in.unsigned() {
		if value := in.Header.Get(header); value != "" {
			return value
		}
	}
	return in.params.Get(param)
}

// serve carries a call out, if it is one of ours in every respect.
func (l *Lab) serve(in *incoming) (response any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			l.log.Error("an action panicked", "action", in.action(), "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
			response, err = nil, assist.Refusal(http.StatusInternalServerError, "InternalError", "The request processing has failed due to some unknown error.")
		}
	}()
	action := in.action()
	op, known := l.operations[action]
	if known {
		l.count(action)
	}
	switch {
	case l.agents.isClosed():
		return nil, assist.Refusal(http.StatusServiceUnavailable, "ServiceUnavailable", "The lab has been closed.")
	case action == "":
		return nil, assist.MissingParameter("Action")
	case !known || in.URL.Path != "/":
		return nil, assist.Refusal(http.StatusNotFound, "InvalidApi.NotFound", "Specified api is not found, please check your url and method.")
	case in.version() != op.version:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidVersion", "Specified parameter Version is not valid.")
	}
	c := call{Lab: l, host: in.Host, reply: &in.reply}
	if !op.anonymous {
		var refused *assist.Error
		if c.session, refused = l.authenticate(in); refused != nil {
			return nil, refused
		}
	}
	if op.regional {
		region := in.params.Get("RegionId")
		switch {
		case region == "":
			return nil, assist.MissingParameter("RegionId")
		case !KnownRegion(region):
			return nil, assist.Refusal(http.StatusNotFound, "InvalidRegionId.NotFound", "The RegionId provided does not exist in our records.")
		}
		c.site = l.at(region)
	}
	return op.serve(c, in.params)
}

// authenticate returns the session of the caller, or nil for the lab's own key.
func (l *Lab) authenticate(in *incoming) (*session, *assist.Error) {
	id, refused := signature.Verify(in.Request, in.params, in.body, l.keyOf)
	if refused != nil {
		return nil, refused
	}
	s, refused := l.sessionOf(id, securityTokenOf(in.Request, in.params))
	if refused != nil {
		return nil, refused
	}
	nonce, stamp, refused := signature.Nonce(in.Request, in.params)
	if refused != nil {
		return nil, refused
	}
	return s, l.nonces.Check(id, nonce, stamp)
}
