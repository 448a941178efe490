package lab

import (
	"slices"

	"muster/pkg/assist"
)

func pairs(tags []assist.Tag) assist.List[assist.TagPair] {
	list := make(assist.List[assist.TagPair], len(tags))
	for i, tag := range tags {
		list[i] = assist.TagPair{TagKey: tag.Key, TagValue: tag.Value}
	}
	return list
}

// bears reports whether something has all the tags that are wanted. An empty value matches any.
func bears(has []assist.TagPair, want []assist.Tag) bool {
	for _, tag := range want {
		if !bearsOne(has, tag.Key, func(value string) bool { return orAny(value, tag.Value) }) {
			return false
		}
	}
	return true
}

func bearsOne(has []assist.TagPair, key string, wanted func(value string) bool) bool {
	return slices.ContainsFunc(has, func(pair assist.TagPair) bool { return pair.TagKey == key && wanted(pair.TagValue) })
}

// orAny is how filters compare: what is empty in them, such as the value beside a tag's key alone, matches anything.
func orAny(has, want string) bool { return want == "" || has == want }
