//go:build unix

package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/pkg/assist"
)

// allTags returns the tags on all pages of a list, one per line, and the number of pages.
func (b *client) allTags(r assist.ListTagResourcesRequest) (lines []string, pages int) {
	b.t.Helper()
	r.RegionId = "cn-hangzhou"
	for {
		answer, err := b.ListTagResources(b.t.Context(), &r)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, tag := range answer.TagResources.TagResource {
			if tag.ResourceType != r.ResourceType {
				b.t.Errorf("%+v", tag)
			}
			lines = append(lines, tag.ResourceId+" "+tag.TagKey+"="+tag.TagValue)
		}
		pages++
		if r.NextToken = answer.NextToken; r.NextToken == "" {
			return lines, pages
		}
	}
}

func TestListTagResources(t *testing.T) {
	fleet := NumberedInstances(3)
	fleet[1].ResourceGroupId = "rg-1"
	b := open(t, newLab(t, Options{Instances: fleet}))
	value := func(s string) *string { return &s }
	of := func(numbers ...int) string {
		var lines []string
		for _, n := range numbers {
			lines = append(lines, nth(n)+" env=lab", nth(n)+" role="+[]string{"web", "db", "job"}[(n-1)%3], fmt.Sprintf("%s index=%d", nth(n), n))
		}
		return strings.Join(lines, "\n")
	}
	for _, c := range []struct {
		request assist.ListTagResourcesRequest
		want    string
	}{
		{assist.ListTagResourcesRequest{ResourceId: []string{nth(3), nth(1), "i-none"}}, of(1, 3)},
		{assist.ListTagResourcesRequest{Tag: []assist.TagFilter{{Key: "env"}}}, of(1, 2, 3)},
		{assist.ListTagResourcesRequest{Tag: []assist.TagFilter{{Key: "env", Value: value("lab")}, {Key: "role", Value: value("db")}}}, of(2)},
		{assist.ListTagResourcesRequest{Tag: []assist.TagFilter{{Key: "env", Value: value("")}}}, ""},
		{assist.ListTagResourcesRequest{Tag: []assist.TagFilter{{Key: "env"}}, ResourceId: []string{nth(2)}}, of(2)},
		{assist.ListTagResourcesRequest{Tag: []assist.TagFilter{{Key: resourceGroupKey, Value: value("rg-1")}}}, of(2)},
		{assist.ListTagResourcesRequest{TagFilter: []assist.TagPattern{{TagKey: "r*", TagValues: []string{"w*", "d*"}}}}, of(1, 2)},
		{assist.ListTagResourcesRequest{TagFilter: []assist.TagPattern{{TagKey: "role"}, {TagKey: "i*", TagValues: []string{"3"}}}}, of(3)},
		{assist.ListTagResourcesRequest{TagFilter: []assist.TagPattern{{TagKey: "no*"}}}, ""},
	} {
		c.request.ResourceType = "instance"
		if got, _ := b.allTags(c.request); strings.Join(got, "\n") != c.want {
			t.Errorf("%+v:\n%s", c.request, strings.Join(got, "\n"))
		}
	}
	if got, _ := b.allTags(assist.ListTagResourcesRequest{ResourceType: "disk", ResourceId: []string{"d-1"}}); len(got) != 0 {
		t.Error(got)
	}
}

func TestListTagResourcesOfCommands(t *testing.T) {
	b := openFleet(t, 1)
	older := b.create("older", "true", func(r *assist.CreateCommandRequest) { r.Tag = []assist.Tag{{Key: "team", Value: "a"}} })
	newer := b.create("newer", "true", func(r *assist.CreateCommandRequest) { r.Tag = []assist.Tag{{Key: "team", Value: "b"}} })
	b.create("plain", "true")
	r := shell("true")
	r.Tag = []assist.Tag{{Key: "team", Value: "c"}}
	id := b.submit(r)
	b.settle(id)
	for resourceType, want := range map[string][]string{"command": {newer + " team=b", older + " team=a"}, "invocation": {id + " team=c"}} {
		got, _ := b.allTags(assist.ListTagResourcesRequest{ResourceType: resourceType, Tag: []assist.TagFilter{{Key: "team"}}})
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", resourceType, got)
		}
	}
}

func TestTagPages(t *testing.T) {
	b := openFleet(t, 40) // 120 tags: some pages end between the tags of an instance
	for range 40 {
		b.create("x", "true", func(r *assist.CreateCommandRequest) {
			r.Tag = []assist.Tag{{Key: "env", Value: "1"}, {Key: "b", Value: "2"}, {Key: "c", Value: "3"}}
		})
	}
	for _, resourceType := range []string{"instance", "command"} {
		got, pages := b.allTags(assist.ListTagResourcesRequest{ResourceType: resourceType, Tag: []assist.TagFilter{{Key: "env"}}})
		slices.Sort(got)
		if len(slices.Compact(got)) != 120 || pages != 3 {
			t.Errorf("%s: %d tags on %d pages", resourceType, len(got), pages)
		}
	}
}

func TestListTagResourcesRefusals(t *testing.T) {
	b := openFleet(t, 1)
	value, long := "x", strings.Repeat("x", 129)
	for want, r := range map[string]assist.ListTagResourcesRequest{
		"400 MissingParameter.ResourceType": {ResourceId: []string{"x"}},
		"404 InvalidResourceType.NotFound":  {ResourceType: "odd", ResourceId: []string{"x"}},
		"400 MissingParameter.TagKey":       {ResourceType: "instance"},
		"400 NumberExceed.ResourceIds":      {ResourceType: "instance", ResourceId: make([]string, 51)},
		"400 NumberExceed.Tags":             {ResourceType: "instance", Tag: make([]assist.TagFilter, 21)},
		"400 InvalidParameter.TagValue":     {ResourceType: "instance", Tag: []assist.TagFilter{{Value: &value}}},
		"400 InvalidParameter.TagFilter":    {ResourceType: "instance", Tag: []assist.TagFilter{{Key: "x"}}, TagFilter: []assist.TagPattern{{TagKey: "x"}}},
		"400 InvalidParameter.TagFilter ":   {ResourceType: "instance", TagFilter: make([]assist.TagPattern, 6)},
		"400 InvalidParameter.TagFilter  ":  {ResourceType: "instance", TagFilter: []assist.TagPattern{{TagValues: []string{"x"}}}},
		"400 InvalidParameter.TagFilter   ": {ResourceType: "instance", TagFilter: []assist.TagPattern{{TagKey: "x", TagValues: make([]string, 6)}}},
		"400 InvalidParameter.TagKey":       {ResourceType: "instance", Tag: []assist.TagFilter{{Key: long}}},
		"400 InvalidParameter.TagValue ":    {ResourceType: "instance", Tag: []assist.TagFilter{{Key: "x", Value: &long}}},
		"400 InvalidParameter.NextToken":    {ResourceType: "instance", ResourceId: []string{"x"}, NextToken: "x"},
	} {
		r.RegionId = "cn-hangzhou"
		_, err := b.ListTagResources(t.Context(), &r)
		wantRefused(t, err, strings.TrimSpace(want))
	}
}
