//go:build unix

package lab

import (
	"encoding/xml"
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

func TestXML(t *testing.T) {
	invocations := new(assist.DescribeInvocationsResponse)
	empty := "<R><RequestId></RequestId><TotalCount>0</TotalCount><PageNumber>0</PageNumber><PageSize>0</PageSize><NextToken></NextToken>" +
		"<Invocations></Invocations></R>"
	agents := new(assist.DescribeCloudAssistantStatusResponse)
	agents.NextToken = "a<b>&\"\x01\xff\n"
	agents.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus = []assist.InstanceCloudAssistantStatus{{InstanceId: "i-1"}, {InstanceId: "i-2"}}
	for want, response := range map[string]any{
		empty: invocations,
		"<R><A>1</A><C>true</C><D>1.5</D><E><F>x</F><F>y</F></E><G></G><I></I></R>": struct {
			A int64
			C bool
			D float64
			E struct{ F assist.List[string] }
			G struct{ H assist.List[string] }
			I struct{ J []string } // null in JSON
		}{A: 1, C: true, D: 1.5, E: struct{ F assist.List[string] }{[]string{"x", "y"}}},
	} {
		if text, err := encodeXML("R", response); err != nil || string(text) != xml.Header+want {
			t.Errorf("%s, %v, want %s", text, err, want)
		}
	}
	text, err := encodeXML("R", agents)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		NextToken string
		Set       struct {
			Agent []struct{ InstanceId string } `xml:"InstanceCloudAssistantStatus"`
		} `xml:"InstanceCloudAssistantStatusSet"`
	}
	if err := xml.Unmarshal(text, &got); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	want := got
	want.NextToken = "a<b>&\"\ufffd\ufffd\n"
	want.Set.Agent = []struct{ InstanceId string }{{"i-1"}, {"i-2"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", text, diff)
	}
}
