package assist

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// lenient accepts the same JSON as other clients of the API, which use encoding/json.
var lenient = json.JoinOptions(json.MatchCaseInsensitiveNames(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// reader decodes the response of one call.
type reader struct {
	request  Request
	endpoint string
	keys     Keys // the call was signed with them
	got      *answer
}

// read decodes a response while it arrives. An incomplete response is a [TransportError], whatever its status.
func (r *reader) read(response any) error {
	object := &answerObject{}
	if succeeded(r.got.status) {
		object.response = response
	}
	body, options := io.Reader(r.got.body), lenient
	if own, ok := object.response.(filtered); ok {
		rest, more := own.filter(body)
		body, options = rest, json.JoinOptions(options, more)
	}
	err := json.UnmarshalRead(body, object, options)
	large, tooLarge := errors.AsType[*sizeError](err)
	switch {
	case r.got.body.err != nil && noHTTP(r.got.body.err):
		err = r.noHTTP(r.got.body.err)
	case r.got.body.err != nil:
		err = r.lost(r.got.body.err)
	case errors.Is(err, io.ErrUnexpectedEOF) && len(bytes.TrimSpace(r.got.body.head)) > 0:
		err = r.lost(io.ErrUnexpectedEOF)
	case object.refuses() && tooLarge:
		object.message = cmp.Or(object.message, "the response is left out: "+large.Error())
		err = r.refusal(object)
	case object.refuses() && err == nil:
		err = r.refusal(object)
	case !succeeded(r.got.status):
		err = r.foreignRefusal(err)
	case err == nil && object.known == 0 && !object.named:
		err = r.foreign(errNotKnown)
	case err == nil:
		if own, ok := response.(interface{ setHeader(http.Header) }); ok {
			own.setHeader(r.got.header)
		}
		if own, ok := response.(checked); ok {
			err = own.check()
		}
		if err == nil {
			return nil
		}
		fallthrough
	default:
		err = r.foreign(err)
	}
	reflect.ValueOf(response).Elem().SetZero() // the next attempt decodes into it again
	return err
}

// filtered is a response that extracts a part of the body before the rest is decoded.
type filtered interface {
	filter(answer io.Reader) (rest io.Reader, options json.Options)
}

// succeeded reports whether an HTTP status means success.
func succeeded(status int) bool { return status >= 200 && status <= 299 }

// lost returns the error of an incomplete response.
func (r *reader) lost(err error) error {
	return &TransportError{Action: r.request.Action(), Endpoint: r.endpoint, Err: fmt.Errorf("read the answer: %w", err)}
}

// foreign returns the error of a response that is not the API's.
func (r *reader) foreign(err error) *AnswerError {
	s := secretsOf(r.request, r.keys)
	kind, _, _ := strings.Cut(r.got.header.Get("Content-Type"), ";")
	e := &AnswerError{Action: r.request.Action(), Endpoint: r.endpoint, HTTPStatus: r.got.status, ContentType: s.words(kind)}
	head := string(bytes.TrimSpace(bytes.TrimPrefix(r.got.body.head, []byte("\ufeff"))))
	large, tooLarge := errors.AsType[*sizeError](err)
	switch {
	case head == "":
		e.Err = errEmpty
	case tooLarge:
		e.Err = large
	case strings.HasPrefix(head, "{"), strings.HasPrefix(head, "["):
		e.Err = wrongField(err)
	default:
		e.Words = s.words(head)
	}
	if e.Err != nil && s.in(e.Err.Error(), 6, 18) {
		e.Err = errNotKnown
	}
	return e
}

// noHTTP returns the error of a response that is not HTTP.
func (r *reader) noHTTP(err error) *AnswerError {
	e := &AnswerError{Action: r.request.Action(), Endpoint: r.endpoint, Err: errors.New("something else")}
	text := strings.TrimPrefix(err.Error(), "net/http: HTTP/1.x transport connection broken: ")
	if s := secretsOf(r.request, r.keys); s.words(text) != "" && s.message(text) == text {
		e.Err = errors.New(s.words(text))
	}
	return e
}

// foreignRefusal returns the error of a refusal that is not the API's, such as an error page of a proxy. Only its status is known.
func (r *reader) foreignRefusal(err error) *Error {
	if err == nil {
		err = errNotKnown
	}
	foreign := r.foreign(err)
	return &Error{
		Action: r.request.Action(), Code: foreign.Code(), HTTPStatus: r.got.status,
		Message: "the response is not the API's: " + foreign.what(), RetryAfter: retryHint(r.got.header), Foreign: foreign,
	}
}

// refusal returns the error of a call that the service refuses, with any HTTP status.
func (r *reader) refusal(o *answerObject) *Error {
	s := secretsOf(r.request, r.keys)
	return &Error{
		Action: r.request.Action(), HTTPStatus: r.got.status, RetryAfter: retryHint(r.got.header),
		Code: clip(o.code, maxName), Message: s.message(o.message), RequestId: clip(o.requestID, maxName),
		HostId: clip(o.hostID, maxName), Recommend: clip(o.recommend, maxMessage), AccessDeniedDetail: readAccessDenied(o.denied),
	}
}

// answerObject is a response while it is decoded. It is the expected response, a refusal, or neither.
type answerObject struct {
	response any  // a pointer to a struct, or a keyReader; nil if only a refusal is expected
	known    int  // the number of the response's own fields in the body
	named    bool // whether the body has a RequestId

	code, message, requestID, hostID, recommend string
	denied                                      jsontext.Value
}

// keyReader is a response that decodes its own members.
type keyReader interface {
	readMember(from *jsontext.Decoder, key string) (known bool, err error)
}

// refuses reports whether the response is a refusal. No response type of the API has a field Code.
func (o *answerObject) refuses() bool { return o.code != "" && o.known == 0 }

// UnmarshalJSONFrom decodes a response.
func (o *answerObject) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	return readObject(from, func(key string) error {
		known, err := o.readOwn(from, key)
		if known {
			o.known++
			return err
		}
		switch {
		case strings.EqualFold(key, "RequestId"):
			o.named = true
			if err := json.UnmarshalDecode(from, &o.requestID); err != nil {
				return err
			}
			o.setRequestID()
			return nil
		case strings.EqualFold(key, "Code"):
			return readString(from, &o.code)
		case strings.EqualFold(key, "Message"):
			return readString(from, &o.message)
		case strings.EqualFold(key, "HostId"):
			return readString(from, &o.hostID)
		case strings.EqualFold(key, "Recommend"):
			return readString(from, &o.recommend)
		case strings.EqualFold(key, "AccessDeniedDetail"):
			value, err := from.ReadValue()
			if len(value) <= 2*maxToken {
				o.denied = value.Clone()
			}
			return err
		}
		return from.SkipValue()
	})
}

// readOwn decodes a member that is a field of the response, and reports whether it is one.
func (o *answerObject) readOwn(from *jsontext.Decoder, key string) (known bool, err error) {
	switch response := o.response.(type) {
	case nil:
		return false, nil
	case keyReader:
		return response.readMember(from, key)
	}
	if strings.EqualFold(key, "RequestId") {
		return false, nil
	}
	field := fieldNamed(reflect.ValueOf(o.response).Elem(), key)
	if !field.IsValid() {
		return false, nil
	}
	return true, json.UnmarshalDecode(from, field.Addr().Interface())
}

func (o *answerObject) setRequestID() {
	if _, reads := o.response.(keyReader); reads || o.response == nil {
		return
	}
	if field := fieldNamed(reflect.ValueOf(o.response).Elem(), "RequestId"); field.IsValid() {
		field.SetString(clip(o.requestID, maxName))
	}
}

// fieldNamed returns a field of a struct or of an embedded struct, by its name in any letter case. It returns the zero Value if there
// is none.
func fieldNamed(v reflect.Value, name string) reflect.Value {
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case field.Anonymous:
			if found := fieldNamed(v.Field(i), name); found.IsValid() {
				return found
			}
		case strings.EqualFold(field.Name, name):
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// readObject decodes an object. It calls member for each key, which decodes the value.
func readObject(from *jsontext.Decoder, member func(key string) error) error {
	if kind := from.PeekKind(); kind != jsontext.KindBeginObject && kind != jsontext.KindInvalid {
		if err := from.SkipValue(); err != nil {
			return err
		}
		return fmt.Errorf("%s where an object is expected", kindName(kind))
	}
	if _, err := from.ReadToken(); err != nil {
		return err
	}
	for from.PeekKind() != jsontext.KindEndObject {
		key, err := from.ReadToken()
		if err != nil {
			return err
		}
		if err := member(key.String()); err != nil {
			return err
		}
	}
	_, err := from.ReadToken()
	return err
}

// readString decodes a string. It skips a value of any other type.
func readString(from *jsontext.Decoder, s *string) error {
	if from.PeekKind() != jsontext.KindString {
		return from.SkipValue()
	}
	return json.UnmarshalDecode(from, s)
}
