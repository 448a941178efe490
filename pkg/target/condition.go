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
	values   []value // one of them has to match; empty: any value matches
	negated  bool    // none of them may match, or the tag must be absent
	lookUp   func(*Record) (string, bool)
	filter   func(*assist.DescribeInstancesRequest, string)        // makes the service filter by one value; nil if it cannot
	present  func(*assist.DescribeInstancesRequest)                // makes the service filter by the presence of a value; nil if it cannot
	managed  func(*assist.DescribeManagedInstancesRequest, *value) // the same for managed instances
	existing func(*Record) []string                                // the values that an instance has, to suggest one of them
	check    func(places []Place, value string) *SyntaxError       // validates a value that depends on the region
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

// valuesOf returns the values that a word stands for.
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

// holds reports whether an instance meets the condition. It sets seen for the values that the instance has: a value that no
// instance has is probably a mistake, even in a negated condition.
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

// ask adds to a request the filters that the service has for the condition.
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

// withValue returns the condition with only one of its values, and not negated.
func (c *Condition) withValue(i int) Condition {
	alone := *c
	alone.negated = false
	if len(c.values) > 0 {
		alone.values = c.values[i : i+1]
	}
	return alone
}

// textOf returns the condition with one of its values, as a user would type it.
func (c *Condition) textOf(i int) string {
	switch {
	case c.key == "":
		return c.values[i].text
	case c.negated:
		return c.key + "!=" + c.values[i].text
	}
	return c.key + "=" + c.values[i].text
}

// markCount returns the number of marks that holds sets.
func (c *Condition) markCount() int { return max(len(c.values), 1) }

// escapeBlanks adds a backslash before blanks that have none.
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
