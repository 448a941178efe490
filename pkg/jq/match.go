package jq

import (
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// patterns caches the compiled patterns of an expression. It is safe for concurrent use.
type patterns struct{ compiled sync.Map }

// matches implements _matches(re; flags; testing): it returns whether re matches a text, or the list of what match emits.
func (p *patterns) matches(value any, args []any) any {
	text, isText := value.(string)
	re, isPattern := args[0].(string)
	flags, isFlags := args[1].(string)
	switch {
	case !isText:
		return fmt.Errorf("%s (%s) cannot be matched, because it is not a string", gojq.TypeOf(value), gojq.Preview(value))
	case !isPattern:
		return fmt.Errorf("%s (%s) cannot be a pattern, because it is not a string", gojq.TypeOf(args[0]), gojq.Preview(args[0]))
	case !isFlags && args[1] != nil:
		return fmt.Errorf("%s (%s) cannot be the flags of a pattern, because it is not a string", gojq.TypeOf(args[1]), gojq.Preview(args[1]))
	}
	pattern, err := p.compile(re, flags)
	if err != nil {
		return err
	}
	if args[2] == true {
		return pattern.test(text)
	}
	return pattern.objects(text)
}

func (p *patterns) compile(re, flags string) (*pattern, error) {
	key := [2]string{re, flags}
	if known, ok := p.compiled.Load(key); ok {
		return known.(*pattern), nil
	}
	compiled, err := newPattern(re, flags)
	if err != nil {
		return nil, err
	}
	p.compiled.Store(key, compiled)
	return compiled, nil
}

// objects returns the matches in a text as jq's match emits them.
func (p *pattern) objects(text string) []any {
	objects := []any{}
	counter := characterCounter{text: text}
	for _, at := range p.find(text) {
		object := counter.span(at[0], at[1])
		captures := []any{}
		for group := 1; group < len(at)/2; group++ {
			capture := counter.span(at[2*group], at[2*group+1])
			capture["name"] = nil
			if name := p.names[group]; name != "" {
				capture["name"] = name
			}
			captures = append(captures, capture)
		}
		object["captures"] = captures
		objects = append(objects, object)
	}
	return objects
}

// characterCounter converts byte offsets in a text to characters. It is fast for offsets in ascending order.
type characterCounter struct {
	text      string
	at, count int // the last offset, and the number of characters before it
}

// before returns the number of characters before a byte offset.
func (c *characterCounter) before(offset int) int {
	if offset < c.at {
		c.count -= utf8.RuneCountInString(c.text[offset:c.at])
	} else {
		c.count += utf8.RuneCountInString(c.text[c.at:offset])
	}
	c.at = offset
	return c.count
}

// span describes a part of the text. from is negative for a group that did not take part in the match.
func (c *characterCounter) span(from, to int) map[string]any {
	if from < 0 {
		return map[string]any{"offset": -1, "length": 0, "string": nil}
	}
	return map[string]any{
		"offset": c.before(from), "length": utf8.RuneCountInString(c.text[from:to]), "string": c.text[from:to],
	}
}
