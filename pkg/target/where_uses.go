package target

import (
	"slices"

	"github.com/itchyny/gojq"
)

// whereUses is what an expression reads of the record, as far as its text tells.
type whereUses struct {
	fields []string // of the record
	tags   []string // keys below .Tags
	whole  bool     // it may read any field
}

// usesOf walks through an expression as long as . is the record.
func usesOf(query *gojq.Query) whereUses {
	u := new(whereUses)
	u.query(query)
	return *u
}

func (u *whereUses) query(q *gojq.Query) {
	if q == nil {
		return
	}
	if len(q.FuncDefs) > 0 {
		u.whole = true // what . is inside of a function depends on its calls
	}
	if q.Term != nil {
		u.term(q.Term)
	}
	u.query(q.Left)
	if q.Op == gojq.OpPipe && !isIdentity(q.Left) {
		u.whole = u.whole || readsWhole(q.Left)
		return // . is something else from here on
	}
	u.query(q.Right)
}

// readsWhole reports whether the left side of a pipe hands on the record itself, by select or the like.
func readsWhole(q *gojq.Query) bool {
	return q == nil || q.Term == nil || q.Term.Type != gojq.TermTypeIndex
}

func isIdentity(q *gojq.Query) bool {
	return q != nil && q.Term != nil && q.Term.Type == gojq.TermTypeIdentity && len(q.Term.SuffixList) == 0
}

func (u *whereUses) term(t *gojq.Term) {
	switch t.Type {
	case gojq.TermTypeIdentity:
		u.whole = true
	case gojq.TermTypeIndex:
		u.index(t)
	case gojq.TermTypeFunc:
		u.call(t.Func)
	case gojq.TermTypeObject:
		for _, pair := range t.Object.KeyVals {
			u.query(pair.KeyQuery)
			u.query(pair.Val)
		}
	case gojq.TermTypeArray:
		u.query(t.Array.Query)
	case gojq.TermTypeUnary:
		u.term(t.Unary.Term)
	case gojq.TermTypeQuery:
		u.query(t.Query)
	case gojq.TermTypeIf:
		u.query(t.If.Cond)
		u.query(t.If.Then)
		u.query(t.If.Else)
		for _, elif := range t.If.Elif {
			u.query(elif.Cond)
			u.query(elif.Then)
		}
	case gojq.TermTypeTry:
		u.query(t.Try.Body)
	case gojq.TermTypeNumber, gojq.TermTypeString, gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse:
	default:
		u.whole = true
	}
}

// index reads .Field, and the tag of .Tags.key.
func (u *whereUses) index(t *gojq.Term) {
	name := indexName(t.Index)
	if name == "" {
		u.whole = true
		return
	}
	u.fields = append(u.fields, name)
	if name == "Tags" && len(t.SuffixList) > 0 && t.SuffixList[0].Index != nil {
		if key := indexName(t.SuffixList[0].Index); key != "" {
			u.tags = append(u.tags, key)
		}
	}
}

// indexName is the key of .key, ."key" or .["key"]; empty for anything that is computed.
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

// call goes on into arguments for which . is still the record.
func (u *whereUses) call(f *gojq.Func) {
	switch {
	case slices.Contains([]string{"not", "empty", "true", "false", "null", "now"}, f.Name) && len(f.Args) == 0:
	case f.Name == "select" || f.Name == "isempty" || f.Name == "error":
		u.whole = true
		u.query(f.Args[0])
	case (f.Name == "any" || f.Name == "all") && len(f.Args) == 2:
		u.query(f.Args[0])
	default:
		u.whole = true
	}
}
