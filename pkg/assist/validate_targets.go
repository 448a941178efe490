package assist

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// targets checks the targets. An empty list with the oldest name of the parameter, older, has its own code.
func (f *ValidationErrors) targets(ids []string, older JSONList, tags []Tag, max int) {
	switch {
	case len(ids) == 0 && older != nil:
		f.missing("InstanceIds", "")
	case len(ids) > 0 && len(tags) > 0:
		f.add(http.StatusBadRequest, "InvalidResourceTag.ConflictWithInstanceIds",
			"The specified param ResourceTag conflicts with InstanceId.")
	case len(ids) == 0 && len(tags) == 0, slices.Contains(ids, ""):
		f.add(http.StatusBadRequest, "MissingParam.InstanceId", "The parameter instanceId is missing or empty.")
	case len(ids) > max:
		f.add(http.StatusForbidden, "InstanceIds.ExceedLimit",
			"The number of instance IDs exceeds the upper limit: %d, at most %d.", len(ids), max)
	}
	f.tagList(tags, 10, tagCodes{
		name: "ResourceTag", missing: "MissingParameter.ResourceTagKey",
		count: "NumberExceed.ResourceTags", countText: "The maximum number of ResourceTags is exceeded",
		key: "InvalidResourceTagKey.Malformed", keyText: "The specified ResourceTag key is not valid",
		value: "InvalidResourceTagValue.Malformed", valueText: "The specified ResourceTag value is not valid",
		twice: "Duplicate.ResourceTagKey", twiceText: "The ResourceTag contains duplicate keys",
	})
}

func validateTags(tags []Tag) error {
	var f ValidationErrors
	f.tags(tags)
	return f.orNil()
}

func (f *ValidationErrors) tags(tags []Tag) { f.tagList(tags, MaxTags, taskTagCodes()) }

// taskTagCodes are the codes and messages of all tags other than ResourceTag.
func taskTagCodes() tagCodes {
	return tagCodes{
		name: "Tag", missing: "MissingParameter.TagKey",
		count: "NumberExceed.Tags", countText: "Ensure the number of tag parameters is not greater than 20",
		key: "InvalidTagKey.Malformed", keyText: "The specified Tag.n.Key is not valid",
		value: "InvalidTagValue.Malformed", valueText: "The specified Tag.n.Value is not valid",
		twice: "Duplicate.TagKey", twiceText: "The Tag.N.Key contain duplicate key",
	}
}

// managedTags checks the tags of activations and managed instances. One message is another than that of other actions.
func (f *ValidationErrors) managedTags(tags []Tag) {
	codes := taskTagCodes()
	codes.countText = "The Tags parameter number is exceed"
	f.tagList(tags, MaxTags, codes)
}

// filterTags returns the tags of a filter, to be checked like others.
func filterTags(filters []TagFilter) []Tag {
	tags := make([]Tag, 0, len(filters))
	for _, filter := range filters {
		tag := Tag{Key: filter.Key}
		if filter.Value != nil {
			tag.Value = *filter.Value
		}
		tags = append(tags, tag)
	}
	return tags
}

// tagCodes are the codes and messages of a kind of tags.
type tagCodes struct {
	name, missing, count, key, value, twice  string
	countText, keyText, valueText, twiceText string
}

func (f *ValidationErrors) tagList(tags []Tag, max int, codes tagCodes) {
	if len(tags) > max {
		f.add(http.StatusBadRequest, codes.count, "%s: %d, at most %d.", codes.countText, len(tags), max)
	}
	seen := map[string]bool{}
	for i, tag := range tags {
		lower := strings.ToLower(tag.Key)
		switch {
		case tag.Key == "":
			f.add(http.StatusBadRequest, codes.missing, "You must specify %s.N.Key: %[1]s.%d.Key is missing.", codes.name, i+1)
		case utf8.RuneCountInString(tag.Key) > MaxTagKey, strings.HasPrefix(lower, "aliyun"),
			strings.HasPrefix(lower, "acs:"), hasScheme(tag.Key):
			f.add(http.StatusBadRequest, codes.key, "%s: %s.%d.Key=%s.", codes.keyText, codes.name, i+1, tag.Key)
		case seen[tag.Key]:
			f.add(http.StatusBadRequest, codes.twice, "%s: %s.", codes.twiceText, tag.Key)
		}
		if utf8.RuneCountInString(tag.Value) > MaxTagValue || hasScheme(tag.Value) {
			f.add(http.StatusBadRequest, codes.value, "%s: %s.%d.Value.", codes.valueText, codes.name, i+1)
		}
		seen[tag.Key] = true
	}
}

func hasScheme(s string) bool {
	return strings.Contains(s, "http://") || strings.Contains(s, "https://")
}
