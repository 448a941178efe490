package hostile

import (
	"fmt"
	"strings"
)

// page returns a response of an action with JSON records and the token of the next page. For an action without a list, the response has
// the members of the first record.
func page(action string, records []string, token string) string {
	list := strings.Join(records, ",")
	switch action {
	case "DescribeInstances":
		return fmt.Sprintf(`{"RequestId":"r-1","NextToken":%q,"Instances":{"Instance":[%s]}}`, token, list)
	case "DescribeCloudAssistantStatus":
		return fmt.Sprintf(`{"RequestId":"r-1","NextToken":%q,"InstanceCloudAssistantStatusSet":{"InstanceCloudAssistantStatus":[%s]}}`, token, list)
	case "DescribeInvocations":
		return fmt.Sprintf(`{"RequestId":"r-1","NextToken":%q,"Invocations":{"Invocation":[%s]}}`, token, list)
	case "DescribeInvocationResults":
		return fmt.Sprintf(`{"RequestId":"r-1","Invocation":{"NextToken":%q,"InvocationResults":{"InvocationResult":[%s]}}}`, token, list)
	}
	if len(records) == 0 {
		return `{"RequestId":"r-1"}`
	}
	return `{"RequestId":"r-1",` + strings.TrimPrefix(records[0], "{")
}

// twoRecords returns valid records of an action.
func twoRecords(action string) []string {
	return []string{record(action, "i-1", "t-1"), record(action, "i-2", "t-1")}
}

// record returns a record of an action.
func record(action, instanceID, invokeID string) string {
	switch action {
	case "DescribeInstances":
		return fmt.Sprintf(`{"InstanceId":%s,"InstanceName":"web","Status":"Running","OSType":"linux","Cpu":2,"Tags":{"Tag":[{"TagKey":"env","TagValue":"prod"}]},`+
			`"NetworkInterfaces":{"NetworkInterface":[{"PrimaryIpAddress":"10.0.0.1"}]},"CpuOptions":{"CoreCount":1},"DeletionProtection":false}`, quote(instanceID))
	case "DescribeCloudAssistantStatus":
		return fmt.Sprintf(`{"InstanceId":%s,"CloudAssistantStatus":"true","CloudAssistantVersion":"2.2.3.309","ActiveTaskCount":0,"SupportSessionManager":true}`, quote(instanceID))
	case "DescribeInvocations":
		return fmt.Sprintf(`{"InvokeId":%s,"CommandId":"c-1","InvocationStatus":"Success","Timed":false,"Timeout":60,"InvokeInstances":{"InvokeInstance":[`+
			`{"InstanceId":%s,"InvocationStatus":"Success","ExitCode":0}]}}`, quote(invokeID), quote(instanceID))
	case "DescribeInvocationResults":
		return fmt.Sprintf(`{"InvokeId":%s,"InstanceId":%s,"InvocationStatus":"Success","ExitCode":0,"Output":"aGVsbG8K","StartTime":"2026-11-01T00:00:00Z"}`, quote(invokeID), quote(instanceID))
	}
	return fmt.Sprintf(`{"InvokeId":%s,"CommandId":"c-1"}`, quote(invokeID))
}

// quote returns a text as an ASCII JSON string.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ' || r > '~':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// withID returns a page with an invalid id.
func withID(action, id string) string {
	return page(action, []string{record(action, "i-1", "t-1"), record(action, id, id)}, "")
}

// html returns a page of a proxy.
func html(title string) []byte {
	return []byte("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" + title + "</title></head>\n<body><h1>" + title + "</h1></body></html>\n")
}

// refusal returns an error response of the API.
func refusal(code, message string) string {
	return fmt.Sprintf(`{"RequestId":"r-1","HostId":"ecs.example.com","Code":%s,"Message":%s,"Recommend":""}`, quote(code), quote(message))
}
