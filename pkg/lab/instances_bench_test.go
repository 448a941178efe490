//go:build unix

package lab

import (
	"fmt"
	"testing"

	"muster/pkg/assist"
)

// BenchmarkFilteredInstances asks a lab of 100,000 instances for pages of filtered instances. The cost must depend on how many
// the filters find, not on the number of all instances.
func BenchmarkFilteredInstances(b *testing.B) {
	fleet := NumberedInstances(scaleInstances)
	for i := range fleet {
		fleet[i].InstanceName = fmt.Sprintf("%s-%06d", []string{"web", "db"}[i/10%2], i+1)
		fleet[i].ZoneId = "cn-hangzhou-" + string("abcd"[i/7%4])
	}
	l := newLab(b, Options{Instances: fleet})
	number, first, middle := "4711", assist.Page{MaxResults: 100}, assist.Page{MaxResults: 100, NextToken: token("instances", position{Index: scaleInstances / 2})}
	web, numbered := "web", assist.Page{PageSize: 100, PageNumber: 2}
	for _, one := range []struct {
		name    string
		request assist.DescribeInstancesRequest
	}{
		{"ZoneAndNameEnd", assist.DescribeInstancesRequest{ZoneId: "cn-hangzhou-b", InstanceName: "db-*77", Page: first}},
		{"ZoneAndNameEnd/Middle", assist.DescribeInstancesRequest{ZoneId: "cn-hangzhou-b", InstanceName: "db-*77", Page: middle}},
		{"ZoneAndNameEnd/PageNumber", assist.DescribeInstancesRequest{ZoneId: "cn-hangzhou-b", InstanceName: "db-*77", Page: numbered}},
		{"NameEnd/Middle", assist.DescribeInstancesRequest{InstanceName: "web-*7", Page: middle}},
		{"NameBeginning", assist.DescribeInstancesRequest{InstanceName: "web-0500*", Page: first}},
		{"NameOfOne", assist.DescribeInstancesRequest{InstanceName: "db-099991", Page: first}},
		{"TagOfOne", assist.DescribeInstancesRequest{Tag: []assist.TagFilter{{Key: "index", Value: &number}}, Page: first}},
		{"Tag/Middle", assist.DescribeInstancesRequest{Tag: []assist.TagFilter{{Key: "role", Value: &web}}, Page: middle}},
		{"Tag/PageNumber", assist.DescribeInstancesRequest{Tag: []assist.TagFilter{{Key: "role", Value: &web}}, Page: numbered}},
		{"Zone/Middle", assist.DescribeInstancesRequest{ZoneId: "cn-hangzhou-b", Page: middle}},
		{"Zone/PageNumber", assist.DescribeInstancesRequest{ZoneId: "cn-hangzhou-b", Page: numbered}},
		{"ZoneAndTag/PageNumber", assist.DescribeInstancesRequest{ZoneId: "cn-hangzhou-b", Tag: []assist.TagFilter{{Key: "role", Value: &web}}, Page: numbered}},
		{"Address", assist.DescribeInstancesRequest{PrivateIpAddresses: assist.JSONList{"10.1.0.0"}, Page: first}},
		{"StatusOfNone", assist.DescribeInstancesRequest{Status: "Stopped", Page: first}},
	} {
		b.Run(one.name, func(b *testing.B) {
			b.ReportAllocs()
			params := assist.Encode(&one.request)
			params.Set("RegionId", l.Region())
			for b.Loop() {
				if _, err := l.operations[one.request.Action()].serve(b.Context(), call{Lab: l, site: l.own, reply: new(reply)}, params); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
