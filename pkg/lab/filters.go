package lab

import (
	"slices"
	"strings"

	"muster/pkg/assist"
)

// tagPairs converts the tags of a request.
func tagPairs(tags []assist.Tag) assist.List[assist.TagPair] {
	list := make(assist.List[assist.TagPair], len(tags))
	for i, tag := range tags {
		list[i] = assist.TagPair{TagKey: tag.Key, TagValue: tag.Value}
	}
	return list
}

// hasTags reports whether has contains all tags of want. An empty value in want matches any value.
func hasTags(has []assist.TagPair, want []assist.Tag) bool {
	for _, tag := range want {
		if !hasTag(has, tag.Key, func(value string) bool { return matchesFilter(value, tag.Value) }) {
			return false
		}
	}
	return true
}

// hasTag reports whether has contains a tag with a key and a matching value.
func hasTag(has []assist.TagPair, key string, matches func(value string) bool) bool {
	return slices.ContainsFunc(has, func(pair assist.TagPair) bool { return pair.TagKey == key && matches(pair.TagValue) })
}

// matchesFilter reports whether has equals want. An empty want matches anything.
func matchesFilter(has, want string) bool { return want == "" || has == want }

// matchesPattern reports whether text matches a pattern, in which * matches any text.
func matchesPattern(text, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return text == pattern
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if _, text, ok = strings.Cut(text, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(text, parts[last])
}
