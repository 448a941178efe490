package target

import (
	"errors"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/target/nodeset"
)

const tagForms = "key=value, key!=value, key or !key"

// ParseTags reads the conditions of -t, separated by commas: key=value, where the value may be a glob or a set of numbers; key,
// for any value; and negations with !. A backslash makes a comma, or another special character, part of a value. As in kubectl,
// key!=value also matches instances without the key.
func ParseTags(words Words) ([]Condition, error) {
	parts := cutUnescaped(words.Text, ',')
	if strings.TrimSpace(words.Text) == "" {
		return nil, &EmptyError{words.From}
	}
	var all []Condition
	for _, part := range parts {
		condition, err := parseTag(Words{Text: strings.TrimSpace(part), From: words.From}, len(parts) > 1)
		if err != nil {
			return nil, err
		}
		all = append(all, condition)
	}
	return all, nil
}

func parseTag(words Words, several bool) (Condition, error) {
	bad := func(want string) (Condition, error) {
		return Condition{}, &SyntaxError{From: words.From, Text: words.Text, Want: want}
	}
	text, lacks := strings.CutPrefix(words.Text, "!")
	key, value, differs := cutOperator(text)
	key = strings.TrimSpace(unescape(key))
	hasValue := len(text) > len(key) && value != nil
	switch {
	case key == "":
		return bad("a tag: " + tagForms)
	case lacks && hasValue:
		return bad("key!=value, or !key without a value")
	case several && !lacks && !hasValue:
		return bad(tagForms + " on each side of a comma; for a comma in a value write \\,")
	case !hasValue:
		return tagCondition(words, key, nil, lacks), nil
	case strings.TrimSpace(*value) == "":
		return bad("a value after the = (is a variable unset?); " + key + " alone is any value, and --where '.Tags[\"" + key + "\"] == \"\"' an empty one")
	}
	word, err := nodeset.Parse(escapeBlanks(*value))
	if wrong, ok := errors.AsType[*nodeset.SyntaxError](err); ok {
		return Condition{}, &SyntaxError{From: words.From, Text: words.Text, Want: "another value: " + wrong.Problem}
	}
	return tagCondition(words, key, valuesOf(word), differs), nil
}

// cutOperator cuts a tag at its first = or !=. value is nil if there is none.
func cutOperator(text string) (key string, value *string, differs bool) {
	at := strings.IndexByte(text, '=')
	if at < 0 {
		return text, nil, false
	}
	rest := text[at+1:]
	if key, differs = strings.CutSuffix(text[:at], "!"); differs {
		return key, &rest, true
	}
	return text[:at], &rest, false
}

func tagCondition(words Words, key string, values []value, negated bool) Condition {
	return Condition{
		Words: words, key: key, values: values, negated: negated,
		lookUp: func(r *Record) (string, bool) { return r.tag(key) },
		filter: func(r *assist.DescribeInstancesRequest, value string) {
			r.Tag = append(r.Tag, assist.TagFilter{Key: key, Value: &value})
		},
		present: func(r *assist.DescribeInstancesRequest) { r.Tag = append(r.Tag, assist.TagFilter{Key: key}) },
		managed: func(r *assist.DescribeManagedInstancesRequest, only *value) {
			filter := assist.TagFilter{Key: key}
			if only != nil {
				filter.Value = &only.text
			}
			r.Tag = append(r.Tag, filter)
		},
		existing: func(r *Record) []string {
			var tags []string
			for _, tag := range r.Tags {
				switch {
				case tag.TagKey == key && values != nil && negated:
					tags = append(tags, key+"!="+tag.TagValue)
				case tag.TagKey == key && values != nil:
					tags = append(tags, key+"="+tag.TagValue)
				default:
					tags = append(tags, tag.TagKey)
				}
			}
			return tags
		},
	}
}

// cutUnescaped splits a text at separators that are neither escaped by a backslash nor in brackets.
func cutUnescaped(text string, separator byte) []string {
	var parts []string
	start, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == '[':
			depth++
		case text[i] == ']':
			depth--
		case text[i] == separator && depth <= 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
