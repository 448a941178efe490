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

// AnswerError is an answer that is not the API's: the page of a proxy, nothing, JSON of another kind, values of other types,
// records whose ids cannot be ids. It came with a status of success, or is what an Error with the code HTTP… is about. The
// endpoint may be wrong, or a proxy may stand between. What the service did with the call is not known.
type AnswerError struct {
	Action      string
	Endpoint    string // host[:port]; may be empty
	HTTPStatus  int    // 0 where the answer was not even HTTP
	ContentType string // without its parameters
	Words       string // the title of a page, or the first words of a text
	Err         error  // what is wrong with an answer in JSON; nil where it is none
}

func (e *AnswerError) Error() string {
	s := e.Action + ": the answer"
	if e.Endpoint != "" {
		s += " of " + e.Endpoint
	}
	return s + " is not the API's: " + e.what()
}

// what says what came instead.
func (e *AnswerError) what() string {
	s := strings.TrimSpace(strconv.Itoa(e.HTTPStatus) + " " + http.StatusText(e.HTTPStatus))
	if e.HTTPStatus == 0 {
		s = "no HTTP"
	}
	if e.Err != nil {
		return s + ", " + clip(printable(e.Err.Error()), maxSaid)
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

// Code returns what the catalogue explains the answer by, as HTTP200.
func (e *AnswerError) Code() string {
	if e.HTTPStatus == 0 {
		return "HTTP"
	}
	return "HTTP" + strconv.Itoa(e.HTTPStatus)
}

// noHTTP reports an error of what cannot be read as an answer of HTTP, or is compressed as it says it is not. The types of
// most of these errors are not exported.
func noHTTP(err error) bool {
	text := err.Error()
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		strings.Contains(text, "malformed ") || strings.Contains(text, "response headers exceeded")
}

var (
	errEmpty    = errors.New("it is empty")
	errNotKnown = errors.New("it has none of the answer's fields")
)

// wrongField says which field of an answer is wrong, and how. It has none of the field's value.
func wrongField(err error) error {
	if broken, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("no JSON at byte %d: %w", broken.ByteOffset, broken.Err)
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
