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
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

// maxBody is the largest size of a request's body. The limit of the header is a little higher. A script of 24 KB takes 36 KB in
// a query.
const maxBody = 1 << 20

// incoming is a request as received.
type incoming struct {
	*http.Request
	body   []byte
	params url.Values // of the query and the form
	reply  reply
	period int // of the call log
}

// ServeHTTP serves one call of the API. The Host of the request must be a loopback name or address.
func (l *Lab) ServeHTTP(w http.ResponseWriter, r *http.Request) { l.handle(w, r, nil) }

// handle serves one call of the API. The Host of the request must be a loopback name or address, the address that the request
// was sent to, one of names, or one of Options.AllowHosts.
func (l *Lab) handle(w http.ResponseWriter, r *http.Request, names hostNames) {
	allowed := names.allow(r) || l.allowHosts.allowAnyPort(r)
	if r.URL.Path == healthPath && allowed {
		serveHealth(l, w, r)
		return
	}
	began := time.Now()
	in, err := readIncoming(w, r, allowed)
	in.period = l.callLog.currentPeriod()
	a := apiResponse{requestID: newRequestID(), host: r.Host, xml: in.xml(), action: in.action()}
	if err == nil {
		a.body, err = l.serve(in)
	}
	defer in.reply.release()
	defer func() { l.callLog.log(in, a, err, began) }() // also if deliver panics
	in.reply.deliver(w, r, func(w http.ResponseWriter) { a.write(w, err) })
}

// readIncoming reads a request, and refuses what cannot be a call of the API. If the service's own error code is not known, it
// uses one that describes the problem. allowed reports whether the Host of the request is. The request is never nil.
func readIncoming(w http.ResponseWriter, r *http.Request, allowed bool) (*incoming, error) {
	in := &incoming{Request: r, params: url.Values{}}
	// The name of a web site can be made to resolve to this machine. A browser then sends that name as Host.
	if !allowed {
		return in, assist.Refusal(http.StatusForbidden, "Forbidden.Host", "The Host of the request must be a name of this machine.")
	}
	if crossOrigin(r) {
		return in, assist.Refusal(http.StatusForbidden, "Forbidden.CrossOrigin", "Web pages may not call the lab.")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return in, assist.Refusal(http.StatusMethodNotAllowed, "UnsupportedHTTPMethod", "This HTTP method is not supported.")
	}
	query, err := signature.ParseParams(r.URL.RawQuery)
	in.params = query // what could be decoded: the format of the error depends on it
	if err != nil {
		return in, assist.Refusal(http.StatusBadRequest, "InvalidParameter", "The query string cannot be decoded.")
	}
	if in.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return in, assist.Refusal(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is too large.")
		}
		return in, assist.Refusal(http.StatusBadRequest, "InvalidParameter", "The body of the request cannot be read.")
	}
	return in, in.readForm()
}

// crossOrigin reports whether a web page has sent a request. A page whose author knows the lab's key could sign one, and the Host
// of 127.0.0.1 is right then.
func crossOrigin(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Header.Get("Origin") != "" || site != "" && site != "none"
}

// readForm adds the parameters of the body to those of the query. A body that is not a form is refused.
func (in *incoming) readForm() error {
	contentType := ""
	if header := in.Header.Get("Content-Type"); header != "" {
		var err error
		if contentType, _, err = mime.ParseMediaType(header); err != nil {
			contentType = "unknown"
		}
	}
	allowed := []string{"application/x-www-form-urlencoded"}
	if len(in.body) == 0 {
		allowed = append(allowed, "", "application/json", "application/octet-stream")
	}
	if !slices.Contains(allowed, contentType) {
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

// checkUnambiguous refuses parameters with two different values: the signature would cover both. The same value twice is
// allowed, because some clients send it in the query and in the form.
func (in *incoming) checkUnambiguous() error {
	for name, values := range in.params {
		if slices.ContainsFunc(values, func(value string) bool { return value != values[0] }) {
			return assist.Refusal(http.StatusBadRequest, "InvalidParameter", fmt.Sprintf("The parameter %q has more than one value.", name))
		}
	}
	return nil
}

// xml reports whether the response must be XML instead of JSON.
func (in *incoming) xml() bool {
	return strings.EqualFold(in.params.Get("Format"), "XML")
}

// action returns the action that the signature covers: signatures of version 3 cover the header, and those of version 1 the
// parameter. If an unsigned header counted, anyone could change the action of a signed request.
func (in *incoming) action() string { return in.signed("x-acs-action", "Action") }

// version returns the version of the API that the action belongs to.
func (in *incoming) version() string { return in.signed("x-acs-version", "Version") }

// unsigned reports whether a request has no signature. Only anonymous actions accept such requests.
func (in *incoming) unsigned() bool {
	return in.Header.Get("Authorization") == "" && !in.params.Has("Signature")
}

// signed returns the value of a header or of a parameter, whichever the signature covers.
func (in *incoming) signed(header, param string) string {
	if signature.IsV3(in.Request) || in.unsigned() {
		if value := in.Header.Get(header); value != "" {
			return value
		}
	}
	return in.params.Get(param)
}

// serve authenticates a call and executes its action.
func (l *Lab) serve(in *incoming) (response any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			l.log.Error("an action panicked", "action", in.action(), "panic", fmt.Sprint(panicked), "stack", string(debug.Stack()))
			response, err = nil, assist.Refusal(http.StatusInternalServerError, "InternalError", "The request processing has failed due to some unknown error.")
		}
	}()
	action := in.action()
	op, known := l.operations[action]
	defer l.enter(op.alone)()
	in.period = l.callLog.currentPeriod()
	if known {
		l.count(action)
	}
	switch {
	case l.agents.isClosed():
		return nil, assist.Refusal(http.StatusServiceUnavailable, "ServiceUnavailable", "The lab is closed.")
	case action == "":
		return nil, assist.MissingParameter("Action")
	case !known && in.URL.Path == "/":
		return nil, unknownAction(action, l.operations)
	case in.URL.Path != "/":
		return nil, assist.Refusal(http.StatusNotFound, "InvalidApi.NotFound", "Specified api is not found, please check your url and method.")
	case in.version() != op.version:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidVersion", "Specified parameter Version is not valid.")
	}
	c := call{Lab: l, host: in.Host, reply: &in.reply}
	if !op.anonymous {
		var refused *assist.Error
		if c.session, refused = l.authenticator.authenticate(in); refused != nil {
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
		c.site = siteAt(l, region)
	}
	return op.serve(in.Context(), c, in.params)
}
