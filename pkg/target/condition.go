package target

import (
	"strings"

	"muster/pkg/assist"
	"muster/pkg/target/nodeset"
)

// Condition is one of the conditions that narrow a selection: a tag, or an attribute with some values.
type Condition struct {
	Words            // the flag and its text
	key      string  // of a tag
	values   []value // of which one has to match; none: any
	negated  bool    // none of them may match, or the tag may not be there
	lookUp   func(*Record) (string, bool)
	filter   func(*assist.DescribeInstancesRequest, string)        // asks the service for one value; nil where it has no such filter
	present  func(*assist.DescribeInstancesRequest)                // asks the service for any value; nil where it has no such filter
	managed  func(*assist.DescribeManagedInstancesRequest, *value) // the same for managed instances; nil where they have no such filter
	existing func(*Record) []string                                // what could have been meant: the values that instances have
	check    func(places []Place, value string) *SyntaxError       // judges a value that depends on the region
}

// value is one value of a condition: a text, or a pattern.
type value struct {
	text    string
	pattern *nodeset.Pattern
}

func (v *value) match(text string) bool {
	if v.pattern != nil {
		return v.pattern.Match(text)
	}
	return v.text == text
}

// values are what a word stands for.
func valuesOf(word nodeset.Word) []value {
	var all []value
	if word.Glob() {
		for _, pattern := range word.Patterns() {
			all = append(all, value{pattern.String(), &pattern})
		}
		return all
	}
	for _, name := range word.Names() {
		all = append(all, value{text: name})
	}
	return all
}

// holds reports whether the condition lets an instance through. seen marks the values that the instance has: one that nobody
// has is probably a mistake, also where it is negated.
func (c *Condition) holds(r *Record, seen []bool) bool {
	has, ok := c.lookUp(r)
	if !ok {
		return c.negated
	}
	found := len(c.values) == 0
	if found {
		seen[0] = true
	}
	for i := range c.values {
		if c.values[i].match(has) {
			found, seen[i] = true, true
		}
	}
	return found != c.negated
}

// ask adds to a request what the service can filter itself.
func (c *Condition) ask(r *assist.DescribeInstancesRequest) {
	switch {
	case c.negated:
	case len(c.values) == 1 && c.values[0].pattern == nil && c.filter != nil:
		c.filter(r, c.values[0].text)
	case c.present != nil:
		c.present(r)
	}
}

// askManaged is ask for managed instances.
func (c *Condition) askManaged(r *assist.DescribeManagedInstancesRequest) {
	if c.managed == nil || c.negated || len(c.values) > 1 {
		return
	}
	var only *value
	if len(c.values) == 1 && c.values[0].pattern == nil {
		only = &c.values[0]
	}
	c.managed(r, only)
}

// one returns the positive condition with one of the values alone.
func (c *Condition) one(i int) Condition {
	alone := *c
	alone.negated = false
	if len(c.values) > 0 {
		alone.values = c.values[i : i+1]
	}
	return alone
}

// of is the condition with one of its values, as it could have been typed.
func (c *Condition) of(i int) string {
	switch {
	case c.key == "":
		return c.values[i].text
	case c.negated:
		return c.key + "!=" + c.values[i].text
	}
	return c.key + "=" + c.values[i].text
}

// size is the number of marks that holds wants.
func (c *Condition) size() int { return max(len(c.values), 1) }

// escapeBlanks makes blanks part of a word, if a backslash does not already.
func escapeBlanks(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			b.WriteByte(text[i])
			i++
		case text[i] == ' ' || text[i] == '\t':
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
