package assist

import (
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// AnswerError reports a response that is not the API's: the page of a proxy, an empty body, other JSON, values of unexpected types,
// or records with invalid ids. Its status means success, or it is the reason for an [Error] with the code HTTP…. The endpoint may be
// wrong, or there may be a proxy in between. It is unknown whether the service carried out the call.
type AnswerError struct {
	Action      string
	Endpoint    string // host[:port]; may be empty
	HTTPStatus  int    // 0 if the response is not HTTP
	ContentType string // without its parameters
	Words       string // the title of a page, or the first words of a text
	Err         error  // what is wrong with a JSON response; nil for any other
}

func (e *AnswerError) Error() string {
	s := e.Action + ": the response"
	if e.Endpoint != "" {
		s += " of " + e.Endpoint
	}
	return s + " is not the API's: " + e.what()
}

// what returns a description of the response.
func (e *AnswerError) what() string {
	s := strings.TrimSpace(strconv.Itoa(e.HTTPStatus) + " " + http.StatusText(e.HTTPStatus))
	if e.HTTPStatus == 0 {
		s = "not HTTP"
	}
	if e.Err != nil {
		return s + ", " + clip(printable(e.Err.Error()), maxMessage)
	}
	if e.ContentType != "" {
		s += ", " + e.ContentType
	}
	if e.Words != "" {
		s += ", " + strconv.Quote(e.Words)
	}
	return s
}

func (e *AnswerError) Unwrap() error { return e.Err }

// Code returns the catalogue's code for the response, such as HTTP200.
func (e *AnswerError) Code() string {
	if e.HTTPStatus == 0 {
		return "HTTP"
	}
	return "HTTP" + strconv.Itoa(e.HTTPStatus)
}

// noHTTP reports whether an error means that a response is not valid HTTP, or that its body does not match its Content-Encoding.
// Most of these errors have unexported types.
func noHTTP(err error) bool {
	text := err.Error()
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		strings.Contains(text, "malformed ") || strings.Contains(text, "response headers exceeded")
}

var (
	errEmpty    = errors.New("it is empty")
	errNotKnown = errors.New("it has none of the response's fields")
)

// wrongField returns which field of a response is wrong, and how. It does not include the field's value.
func wrongField(err error) error {
	if broken, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("invalid JSON at byte %d: %w", broken.ByteOffset, broken.Err)
	}
	wrong, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return err
	}
	var what string
	switch {
	case wrong.Err != nil:
		what = wrong.Err.Error()
	case wrong.GoType != nil && wrong.JSONKind != 0:
		what = fmt.Sprintf("%s where %s is expected", kindName(wrong.JSONKind), wrong.GoType)
	case wrong.JSONKind != 0:
		what = kindName(wrong.JSONKind) + " is not expected"
	default:
		what = "a value that is not expected"
	}
	if at := strings.ReplaceAll(strings.TrimPrefix(string(wrong.JSONPointer), "/"), "/", "."); at != "" {
		what = clip(at, maxName) + ": " + what
	}
	return errors.New(what)
}
