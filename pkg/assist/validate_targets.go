package assist

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// targets judges who was named. Who used the oldest name of the list, in older, hears the oldest code for an empty one.
func (f *Faults) targets(ids []string, older JSONList, tags []Tag, most int) {
	switch {
	case len(ids) == 0 && older != nil:
		f.missing("InstanceIds", "")
	case len(ids) > 0 && len(tags) > 0:
		f.add(http.StatusBadRequest, "InvalidResourceTag.ConflictWithInstanceIds",
			"The specified param ResourceTag conflicts with InstanceId.")
	case len(ids) == 0 && len(tags) == 0, slices.Contains(ids, ""):
		f.add(http.StatusBadRequest, "MissingParam.InstanceId", "The parameter instanceId is missing or empty.")
	case len(ids) > most:
		f.add(http.StatusForbidden, "InstanceIds.ExceedLimit",
			"The number of instance IDs exceeds the upper limit: %d, at most %d.", len(ids), most)
	}
	f.tagList(tags, 10, tagCodes{
		count: "NumberExceed.ResourceTags", missing: "MissingParameter.ResourceTagKey",
		key: "InvalidResourceTagKey.Malformed", value: "InvalidResourceTagValue.Malformed",
		twice: "Duplicate.ResourceTagKey", name: "ResourceTag",
	})
}

func (f *Faults) tags(tags []Tag) {
	f.tagList(tags, MaxTags, tagCodes{
		count: "NumberExceed.Tags", missing: "MissingParameter.TagKey", key: "InvalidTagKey.Malformed",
		value: "InvalidTagValue.Malformed", twice: "Duplicate.TagKey", name: "Tag",
	})
}

type tagCodes struct{ count, missing, key, value, twice, name string }

func (f *Faults) tagList(tags []Tag, most int, codes tagCodes) {
	if len(tags) > most {
		f.add(http.StatusBadRequest, codes.count, "The number of %s parameters is %d, at most %d.", codes.name, len(tags), most)
	}
	seen := map[string]bool{}
	for i, tag := range tags {
		lower := strings.ToLower(tag.Key)
		switch {
		case tag.Key == "":
			f.add(http.StatusBadRequest, codes.missing, "You must specify %s.%d.Key.", codes.name, i+1)
		case utf8.RuneCountInString(tag.Key) > MaxTagKey, strings.HasPrefix(lower, "aliyun"),
			strings.HasPrefix(lower, "acs:"), hasScheme(tag.Key):
			f.add(http.StatusBadRequest, codes.key, "The specified %s.%d.Key is not valid: %s.", codes.name, i+1, tag.Key)
		case seen[tag.Key]:
			f.add(http.StatusBadRequest, codes.twice, "The %s.N.Key contain duplicate key: %s.", codes.name, tag.Key)
		}
		if utf8.RuneCountInString(tag.Value) > MaxTagValue || hasScheme(tag.Value) {
			f.add(http.StatusBadRequest, codes.value, "The specified %s.%d.Value is not valid.", codes.name, i+1)
		}
		seen[tag.Key] = true
	}
}

func hasScheme(s string) bool {
	return strings.Contains(s, "http://") || strings.Contains(s, "https://")
}
