package target

import (
	"reflect"
	"regexp"
	"slices"

	"github.com/itchyny/gojq"
)

// whereUses are the names in an expression, wherever they occur.
type whereUses struct {
	fields []string // of the record itself, as far as the text shows
	names  []string // all keys, each once: of the record, of its tags, or of objects that the expression builds
	made   []string // keys of objects that the expression builds
	whole  bool     // it may read fields that it does not name

	environment bool // it reads env or $ENV
}

// usesOf returns the names in an expression.
func usesOf(query *gojq.Query) whereUses {
	u := new(whereUses)
	u.walk(reflect.ValueOf(query))
	u.record(query)
	return *u
}

// unknown returns the keys that are neither fields of records nor built by the expression. They have to be tags.
func (u *whereUses) unknown(known []string) []string {
	var unknown []string
	for _, name := range u.names {
		if !slices.Contains(known, name) && !slices.Contains(u.made, name) && !slices.Contains(standardKeys(), name) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// standardKeys returns the keys of objects that jq's own functions build: entries and matches.
func standardKeys() []string {
	return []string{"key", "value", "name", "offset", "length", "string", "captures"}
}

// narrowFunctions returns the functions that read nothing but their input.
func narrowFunctions() []string {
	return []string{
		"not", "empty", "error", "select", "any", "all", "first", "last", "isempty", "test", "match", "capture", "startswith", "endswith",
		"ltrimstr", "rtrimstr", "ascii_downcase", "ascii_upcase", "length", "tonumber", "split", "join", "contains", "inside", "index",
		"IN", "in", "now", "floor", "ceil", "abs", "min", "max", "type", "true", "false", "null", "fromdateiso8601", "fromdate",
	}
}

var namedCapture = regexp.MustCompile(`\(\?P?<(\w+)>`)

// walk collects the keys, and notes what may read the whole record.
func (u *whereUses) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			u.node(v.Interface())
			u.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			u.walk(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			u.walk(v.Index(i))
		}
	}
}

func (u *whereUses) node(node any) {
	switch n := node.(type) {
	case *gojq.Index:
		if name := indexName(n); name != "" {
			u.name(name)
		} else if n.Start != nil && !n.IsSlice && !isNumber(n.Start) {
			u.whole = true
		}
	case *gojq.Term:
		u.whole = u.whole || n.Type == gojq.TermTypeIdentity || n.Type == gojq.TermTypeRecurse
	case *gojq.Func:
		u.environment = u.environment || n.Name == "$ENV" || n.Name == "env" && len(n.Args) == 0
		u.whole = u.whole || n.Name[0] != '$' && !slices.Contains(narrowFunctions(), n.Name)
	case *gojq.ObjectKeyVal:
		u.made = append(u.made, n.Key)
	case *gojq.PatternObject:
		u.pattern(n)
	case *gojq.String:
		for _, match := range namedCapture.FindAllStringSubmatch(n.Str, -1) {
			u.made = append(u.made, match[1])
		}
	}
}

// pattern collects the keys of {Key: $x} and {$Key}.
func (u *whereUses) pattern(p *gojq.PatternObject) {
	if p.Key != "" {
		name := p.Key
		if name[0] == '$' {
			name = name[1:]
		}
		u.name(name)
	}
}

func (u *whereUses) name(name string) {
	if !slices.Contains(u.names, name) {
		u.names = append(u.names, name)
	}
}

func isNumber(q *gojq.Query) bool {
	return q.Term != nil && (q.Term.Type == gojq.TermTypeNumber || q.Term.Type == gojq.TermTypeUnary)
}

// indexName returns the key of .key, ."key" or .["key"], and an empty string for a computed one.
func indexName(i *gojq.Index) string {
	switch {
	case i.Name != "":
		return i.Name
	case i.Str != nil && i.Str.Queries == nil:
		return i.Str.Str
	case i.Start != nil && i.Start.Term != nil && i.Start.Term.Type == gojq.TermTypeString && i.Start.Term.Str.Queries == nil:
		return i.Start.Term.Str.Str
	}
	return ""
}

// record collects the fields that are certainly the record's: those that are read before . becomes something else.
func (u *whereUses) record(q *gojq.Query) {
	if q == nil || len(q.FuncDefs) > 0 {
		return
	}
	if q.Term != nil {
		u.recordTerm(q.Term)
	}
	u.record(q.Left)
	if q.Op != gojq.OpPipe || isIdentity(q.Left) {
		u.record(q.Right)
	}
}

func (u *whereUses) recordTerm(t *gojq.Term) {
	switch t.Type {
	case gojq.TermTypeIndex:
		if name := indexName(t.Index); name != "" {
			u.fields = append(u.fields, name)
		}
	case gojq.TermTypeQuery:
		u.record(t.Query)
	case gojq.TermTypeUnary:
		u.recordTerm(t.Unary.Term)
	case gojq.TermTypeIf:
		u.record(t.If.Cond)
		u.record(t.If.Then)
		u.record(t.If.Else)
	case gojq.TermTypeFunc:
		if slices.Contains([]string{"select", "first", "last", "isempty", "not"}, t.Func.Name) && len(t.Func.Args) == 1 {
			u.record(t.Func.Args[0])
		}
	}
}

func isIdentity(q *gojq.Query) bool {
	return q != nil && q.Term != nil && q.Term.Type == gojq.TermTypeIdentity && len(q.Term.SuffixList) == 0
}
