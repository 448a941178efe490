package jq

import (
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// patterns are the patterns that an expression has used, compiled.
type patterns struct{ compiled sync.Map }

// matches is _matches(re; flags; testing): whether re matches a text, or the list of what match emits.
func (p *patterns) matches(value any, args []any) any {
	text, isText := value.(string)
	re, isPattern := args[0].(string)
	flags, isFlags := args[1].(string)
	switch {
	case !isText:
		return fmt.Errorf("%s (%s) cannot be matched, as it is not a string", gojq.TypeOf(value), gojq.Preview(value))
	case !isPattern:
		return fmt.Errorf("%s (%s) cannot be a pattern, as it is not a string", gojq.TypeOf(args[0]), gojq.Preview(args[0]))
	case !isFlags && args[1] != nil:
		return fmt.Errorf("%s (%s) cannot be the flags of a pattern, as it is not a string", gojq.TypeOf(args[1]), gojq.Preview(args[1]))
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

// objects are the matches in a text as jq's match emits them.
func (p *pattern) objects(text string) []any {
	objects := []any{}
	places := characters{text: text}
	for _, at := range p.find(text) {
		object := places.span(at[0], at[1])
		captures := []any{}
		for group := 1; group < len(at)/2; group++ {
			capture := places.span(at[2*group], at[2*group+1])
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

// characters counts the characters in front of places in a text, which it expects in about their order.
type characters struct {
	text     string
	at, here int // the last place, and so many characters before it
}

func (c *characters) before(place int) int {
	if place < c.at {
		c.here -= utf8.RuneCountInString(c.text[place:c.at])
	} else {
		c.here += utf8.RuneCountInString(c.text[c.at:place])
	}
	c.at = place
	return c.here
}

// span describes a part of the text. A group that took no part in the match has no from.
func (c *characters) span(from, to int) map[string]any {
	if from < 0 {
		return map[string]any{"offset": -1, "length": 0, "string": nil}
	}
	return map[string]any{
		"offset": c.before(from), "length": utf8.RuneCountInString(c.text[from:to]), "string": c.text[from:to],
	}
}
