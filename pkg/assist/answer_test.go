package assist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"muster/pkg/assist/hostile"
)

// FuzzAnswer decodes any bytes as the response to each action. The result must be a response, a refusal or a short error.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		`{"RequestId":"r-1","InvokeId":"t-1","CommandId":"c-1"}`, `{"RequestId":"r-1","Instances":{"Instance":[{"InstanceId":"i-1","Cpu":2}]}}`,
		`{"Code":"Throttling","Message":"m","RequestId":"r-1"}`, `{"Code":"X","AccessDeniedDetail":{"AuthAction":"a"}}`, `<html><title>t`, `null`, `[]`, ``, ` `, `{`,
		`{"Invocation":{"InvocationResults":{"InvocationResult":[{"InstanceId":"i-1","ExitCode":"1"}]}}}`, `{"instances":{"instance":[null]}}`,
		`{"RequestId":1}`, "{\"RequestId\":\"\xff\"}", `{"RequestId":"\u0000"}`, `{"InstanceCloudAssistantStatusSet":[]}`, `{"Invocations":{"Invocation":[{"InvokeId":"../x"}]}}`,
	} {
		f.Add(http.StatusOK, []byte(text))
		f.Add(http.StatusBadGateway, []byte(text))
	}
	f.Fuzz(func(t *testing.T, status int, text []byte) {
		for action, wire := range wires() {
			if !strings.HasPrefix(action, "Describe") && action != "RunCommand" {
				continue
			}
			for _, response := range []any{wire.response, new(instancesPage)} {
				if _, page := response.(*instancesPage); page && action != "DescribeInstances" {
					continue
				}
				got := &answer{status: status, header: http.Header{}, body: newBounded(io.NopCloser(bytes.NewReader(text)), answerSize(wire.request))}
				err := (&reader{request: wire.request, endpoint: "service", got: got}).read(response)
				switch {
				case err == nil:
					checkRead(t, response)
				case !isA[*Error](err) && !isA[*TransportError](err) && !isA[*AnswerError](err):
					t.Errorf("%q: %T: %v", text, err, err)
				case len(err.Error()) > 3*maxMessage || printable(err.Error()) != err.Error():
					t.Errorf("%q: %q", text, err)
				case !reflect.ValueOf(response).Elem().IsZero():
					t.Errorf("%q: %v, and %+v", text, err, response)
				}
			}
		}
	})
}

// checkRead checks that a decoded response has valid ids and can be encoded.
func checkRead(t *testing.T, response any) {
	t.Helper()
	if page, ok := response.(*instancesPage); ok {
		for _, instance := range page.summaries {
			if !plausibleID(instance.InstanceId) {
				t.Errorf("invalid id %q", instance.InstanceId)
			}
		}
		return
	}
	if own, ok := response.(checked); ok && own.check() != nil {
		t.Error(own.check())
	}
	if _, err := json.Marshal(response); err != nil {
		t.Error(err)
	}
}

// TestRealIDs tests ids from the documentation and from real responses, and invalid ids.
func TestRealIDs(t *testing.T) {
	for _, id := range []string{
		"i-bp185dy2o3o6neg", "i-bp185dy2o3o6neg1xyz", "mi-hz018jr0fqjk3r5c", "t-7d2a745b412b4601b2d47f6a768d", "c-hz018qp243j****", "i-lab00001", "f-hz01x",
		"cn-hangzhou", "cn-hangzhou-finance-1", "ap-southeast-1", "i_1.2", strings.Repeat("x", maxID),
	} {
		err := checkID("InstanceId", strings.ReplaceAll(id, "*", "x"))
		if err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{"ACS-ECS-InstallPython-for-linux.sh", "a command: of (mine), v1.2 @home", "命令-1"} {
		if err := checkNameID("CommandId", id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{".", "..", "-x", "a/b", `a\b`, "a b", "a\x00", "é", strings.Repeat("x", maxID+1)} {
		err := checkID("InstanceId", id)
		if err == nil || len(err.Error()) > 200 || printable(err.Error()) != err.Error() {
			t.Errorf("%.50q: %v", id, err)
		}
	}
}

// TestLargestAnswers tests the largest responses that the documentation allows.
func TestLargestAnswers(t *testing.T) {
	var tags List[TagPair]
	for range MaxTags {
		tags = append(tags, TagPair{strings.Repeat("键", MaxTagKey), strings.Repeat("值", MaxTagValue)})
	}
	var results DescribeInvocationResultsResponse
	var invocations DescribeInvocationsResponse
	var instances DescribeInstancesResponse
	for range 50 {
		result := InvocationResult{InstanceId: "i-bp185dy2o3o6neg1xyz", InvokeId: "t-1", Output: strings.Repeat("A", 32<<10), Launcher: strings.Repeat("l", MaxLauncher)}
		result.Tags.Tag = tags
		results.Invocation.InvocationResults.InvocationResult = append(results.Invocation.InvocationResults.InvocationResult, result)
		invocation := Invocation{InvokeId: "t-1", CommandContent: strings.Repeat("A", 32<<10), Parameters: strings.Repeat(`{"a": "b"}`, 100)}
		invocation.Tags.Tag = tags
		for range 100 {
			invocation.InvokeInstances.InvokeInstance = append(invocation.InvokeInstances.InvokeInstance, InvokeInstance{
				InstanceId: "i-bp185dy2o3o6neg1xyz", InvocationStatus: "Success", InstanceInvokeStatus: "Finished",
				CreationTime: toTheSecond, StartTime: toTheSecond, FinishTime: toTheSecond, UpdateTime: toTheSecond,
			})
		}
		invocations.Invocations.Invocation = append(invocations.Invocations.Invocation, invocation)
	}
	for range MaxDescribedInstances {
		instance := Instance{InstanceId: "i-bp185dy2o3o6neg1xyz", Description: strings.Repeat("描", 256), InstanceName: strings.Repeat("名", 128)}
		instance.Tags.Tag = tags
		instance.SecurityGroupIds.SecurityGroupId = slicesOf("sg-bp67acfmxazb4p****", 10)
		for range 8 {
			var nic NetworkInterface
			for range 10 {
				nic.PrivateIpSets.PrivateIpSet = append(nic.PrivateIpSets.PrivateIpSet, PrivateIpSet{PrivateIpAddress: "172.17.0.100"})
			}
			instance.NetworkInterfaces.NetworkInterface = append(instance.NetworkInterfaces.NetworkInterface, nic)
		}
		instances.Instances.Instance = append(instances.Instances.Instance, instance)
	}
	for _, test := range []struct {
		request          Request
		answer, response any
	}{
		{&DescribeInvocationResultsRequest{Page: Page{MaxResults: 50}}, results, new(DescribeInvocationResultsResponse)},
		{&DescribeInvocationsRequest{Page: Page{MaxResults: 50}}, invocations, new(DescribeInvocationsResponse)},
		{&DescribeInstancesRequest{Page: Page{MaxResults: 100}}, instances, new(DescribeInstancesResponse)},
		{&DescribeInstancesRequest{Page: Page{PageSize: 100}}, instances, new(instancesPage)},
	} {
		text, err := json.Marshal(test.answer)
		if err != nil {
			t.Fatal(err)
		}
		caller := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) })
		if err := caller.Call(t.Context(), test.request, test.response); err != nil {
			t.Errorf("%s, %d KiB of %d: %v", test.request.Action(), len(text)>>10, answerSize(test.request)>>10, err)
		}
	}
}

func slicesOf(text string, n int) (all List[string]) {
	for range n {
		all = append(all, text)
	}
	return all
}

// TestHostileCaseNames checks that each case has a unique name by which it can be found.
func TestHostileCaseNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range hostile.Cases() {
		if _, found := hostile.ByName(c.Name); c.Name == "" || seen[c.Name] || !found {
			t.Errorf("%q", c.Name)
		}
		seen[c.Name] = true
	}
	if len(seen) < 42 {
		t.Errorf("%d cases", len(seen))
	}
}

// TestLargeAnswersAreSerialized tests several large responses, which are read one at a time, and calls that are cancelled while they wait.
func TestLargeAnswersAreSerialized(t *testing.T) {
	var invocations DescribeInvocationsResponse
	for range 50 {
		invocations.Invocations.Invocation = append(invocations.Invocations.Invocation, Invocation{InvokeId: "t-1", CommandContent: strings.Repeat("A", 100<<10)})
	}
	text, err := json.Marshal(invocations)
	if err != nil || len(text) <= maxSmall {
		t.Fatal(len(text), err)
	}
	finish := make(chan struct{})
	arrived := make(chan struct{}, 10)
	caller := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(text[:len(text)-10])
		_ = http.NewResponseController(w).Flush()
		arrived <- struct{}{}
		<-finish
		_, _ = w.Write(text[len(text)-10:])
	})
	ctx, cancel := context.WithCancel(t.Context())
	var all, ended sync.WaitGroup
	for range 4 {
		all.Go(func() {
			response := new(DescribeInvocationsResponse)
			if err := caller.Call(t.Context(), &DescribeInvocationsRequest{}, response); err != nil || len(response.Invocations.Invocation) != 50 {
				t.Errorf("%d records: %v", len(response.Invocations.Invocation), err)
			}
		})
		ended.Go(func() {
			if err := caller.Call(ctx, &DescribeInvocationsRequest{}, new(DescribeInvocationsResponse)); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	<-arrived
	cancel()
	ended.Wait()
	close(finish)
	all.Wait()
}
