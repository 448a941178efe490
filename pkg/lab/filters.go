package lab

import (
	"slices"
	"strings"

	"muster/pkg/assist"
)

func tagPairs(tags []assist.Tag) assist.List[assist.TagPair] {
	list := make(assist.List[assist.TagPair], len(tags))
	for i, tag := range tags {
		list[i] = assist.TagPair{TagKey: tag.Key, TagValue: tag.Value}
	}
	return list
}

// bears reports whether something has all the tags that are wanted. An empty value matches any.
func hasTags(has []assist.TagPair, want []assist.Tag) bool {
	for _, tag := range want {
		if !hasTag(has, tag.Key, func(value string) bool { return matchesFilter(value, tag.Value) }) {
			return false
		}
	}
	return true
}

func hasTag(has []assist.TagPair, key string, wanted func(value string) bool) bool {
	return slices.ContainsFunc(has, func(pair assist.TagPair) bool { return pair.TagKey == key && wanted(pair.TagValue) })
}

// orAny is how filters compare: what is empty in them, such as the value beside a tag's key alone, matches anything.
func matchesFilter(has, want string) bool { return want == "" || has == want }

// wildcard tells whether a text is as a pattern says, in which * stands for anything.
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
