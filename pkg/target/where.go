package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/itchyny/gojq"

	"muster/pkg/jq"
)

// Where is a jq expression that is true for the selected instances.
type Where struct {
	Words
	program *jq.Program
	uses    whereUses
	tags    []string // keys that it names and that are no fields of records: they have to be tags
}

// WhereError reports an expression that cannot be parsed or evaluated.
type WhereError struct {
	From, Text string
	Column     int    // in characters, from 1; 0 if unknown
	InstanceId string // the instance that it was evaluated for, or empty
	Err        error
	Word       string   // the name of an unknown field, if that is the mistake
	Known      []string // the fields that exist
}

// tagsHint explains how to write the most common mistake.
const tagsHint = "; Tags is an object here, as in .Tags.role == \"web\""

func (e *WhereError) Error() string {
	text := fmt.Sprintf("%s %q", e.From, e.Text)
	if e.Column > 0 {
		text += fmt.Sprintf(", column %d", e.Column)
	}
	if e.InstanceId != "" {
		text += ", for " + e.InstanceId
	}
	text += ": " + e.Err.Error()
	if strings.Contains(e.Text, "TagKey") {
		text += tagsHint
	}
	return text
}

func (e *WhereError) Unwrap() error { return e.Err }

// ParseWhere reads an expression over a [Record], whose Tags are an object there: {"role": "web"}. A field that records do not
// have is an error: it would be null, and a comparison with null is true for most values. If a key in the text may be a field
// or a tag, some instance has to have such a tag.
func ParseWhere(words Words) (*Where, error) {
	fail := func(err error) *WhereError { return &WhereError{From: words.From, Text: words.Text, Err: err} }
	program, err := jq.Parse(words.Text, jq.Options{})
	if wrong, ok := errors.AsType[*jq.SyntaxError](err); ok {
		failed := fail(wrong.Err)
		failed.Column = wrong.Column
		return nil, failed
	}
	if err != nil {
		return nil, fail(err)
	}
	w := &Where{Words: words, program: program, uses: usesOf(program.Query)}
	if w.uses.environment {
		return nil, fail(errors.New("an expression about instances cannot read the environment"))
	}
	known := recordFields()
	for _, field := range w.uses.fields {
		if !slices.Contains(known, field) {
			failed := fail(fmt.Errorf("an instance has no field %q", field))
			failed.Word, failed.Known = field, known
			return nil, failed
		}
	}
	w.tags = w.uses.unknown(known)
	return w, nil
}

// recordFields returns the keys of a Record in JSON, sorted.
func recordFields() []string {
	object, err := objectOf(&Record{Profile: "x", ActivationId: "x", MachineId: "x", RegistrationTime: "x", LastInvokedTime: "x", InvocationCount: 1})
	if err != nil {
		panic(err) // a struct of strings, numbers and lists always encodes
	}
	return slices.Sorted(maps.Keys(object))
}

// objectOf returns a record as expressions see it.
func objectOf(r *Record) (map[string]any, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	value, err := jq.Decode(text)
	if err != nil {
		return nil, err
	}
	object := value.(map[string]any)
	for _, field := range []string{"Profile", "ActivationId", "MachineId", "RegistrationTime", "LastInvokedTime"} {
		if _, ok := object[field]; !ok {
			object[field] = ""
		}
	}
	if _, ok := object["InvocationCount"]; !ok {
		object["InvocationCount"] = 0
	}
	tags := make(map[string]any, len(r.Tags))
	for _, tag := range r.Tags {
		tags[tag.TagKey] = tag.TagValue
	}
	object["Tags"] = tags
	return object, nil
}

// needsAgent reports whether the expression may read the state of agents.
func (w *Where) needsAgent() bool {
	return w.uses.whole || slices.ContainsFunc(w.uses.names, func(field string) bool {
		return slices.Contains([]string{"CloudAssistantStatus", "CloudAssistantVersion", "LastHeartbeatTime"}, field)
	})
}

// holds reports whether the expression is true for an instance. Any result other than a single boolean is an error.
func (w *Where) holds(ctx context.Context, r *Record) (bool, error) {
	fail := func(err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return &WhereError{From: w.From, Text: w.Text, InstanceId: r.InstanceId, Err: err}
	}
	object, err := objectOf(r)
	if err != nil {
		return false, fail(err)
	}
	var results []any
	for result, err := range w.program.Run(ctx, object) {
		if err != nil {
			return false, fail(err)
		}
		if results = append(results, result); len(results) > 1 {
			return false, fail(errors.New("it returns several values instead of one true or false"))
		}
	}
	if len(results) == 0 {
		return false, fail(errors.New("it returns nothing instead of true or false"))
	}
	holds, isBool := results[0].(bool)
	if !isBool {
		return false, fail(fmt.Errorf("it returns %s instead of true or false", gojq.TypeOf(results[0])))
	}
	return holds, nil
}
