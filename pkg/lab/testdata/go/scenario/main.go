// Command scenario uses most Cloud Assistant actions with the Go SDK of the first generation. It needs the variables that muster lab
// env exports, of a lab with two instances.
package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
)

const odd = "a+b & c=d\n你好 ~*%"

func main() {
	client, err := connect()
	if err == nil {
		err = run(client)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("passed")
}

func connect() (*ecs.Client, error) {
	config := sdk.NewConfig().WithAutoRetry(false)
	config.Scheme, _, _ = strings.Cut(os.Getenv("ALIBABA_CLOUD_ENDPOINT_URL"), ":")
	key := credentials.NewAccessKeyCredential(os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"), os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
	client, err := ecs.NewClientWithOptions(os.Getenv("ALIBABA_CLOUD_REGION_ID"), config, key)
	if err == nil {
		client.Domain = os.Getenv("ALIBABA_CLOUD_ENDPOINT")
	}
	return client, err
}

func run(client *ecs.Client) error {
	instances, err := client.DescribeInstances(ecs.CreateDescribeInstancesRequest())
	if err != nil {
		return err
	}
	var ids []string
	for _, instance := range instances.Instances.Instance {
		ids = append(ids, instance.InstanceId)
	}
	if len(ids) != 2 {
		return fmt.Errorf("instances: %q", ids)
	}
	status, err := client.DescribeCloudAssistantStatus(ecs.CreateDescribeCloudAssistantStatusRequest())
	if err != nil || status.TotalCount != 2 {
		return fmt.Errorf("agents: %v, %w", status, err)
	}
	return errors.Join(runCommand(client, ids), savedCommand(client, ids), sendFile(client, ids), stop(client, ids), refusal(client))
}

func runCommand(client *ecs.Client, ids []string) error {
	request := ecs.CreateRunCommandRequest()
	request.Type, request.InstanceId = "RunShellScript", &ids
	request.CommandContent, request.ContentEncoding = base64.StdEncoding.EncodeToString([]byte("printf '%s' '"+odd+"'")), "Base64"
	started, err := client.RunCommand(request)
	if err != nil {
		return err
	}
	return wantOutput(client, started.InvokeId, odd)
}

func savedCommand(client *ecs.Client, ids []string) error {
	create := ecs.CreateCreateCommandRequest()
	create.Name, create.Type, create.EnableParameter = odd, "RunShellScript", requests.NewBoolean(true)
	create.CommandContent = base64.StdEncoding.EncodeToString([]byte("echo {{who}}"))
	saved, err := client.CreateCommand(create)
	if err != nil {
		return err
	}
	modify := ecs.CreateModifyCommandRequest()
	modify.CommandId, modify.Description = saved.CommandId, odd
	if _, err := client.ModifyCommand(modify); err != nil {
		return err
	}
	describe := ecs.CreateDescribeCommandsRequest()
	describe.CommandId = saved.CommandId
	found, err := client.DescribeCommands(describe)
	if err != nil || len(found.Commands.Command) != 1 || found.Commands.Command[0].Description != odd || found.Commands.Command[0].Name != odd {
		return fmt.Errorf("commands: %v, %w", found, err)
	}
	invoke := ecs.CreateInvokeCommandRequest()
	invoke.CommandId, invoke.InstanceId, invoke.Parameters = saved.CommandId, &ids, map[string]interface{}{"who": "you"}
	started, err := client.InvokeCommand(invoke)
	if err != nil {
		return err
	}
	if err := wantOutput(client, started.InvokeId, "you\n"); err != nil {
		return err
	}
	remove := ecs.CreateDeleteCommandRequest()
	remove.CommandId = saved.CommandId
	_, err = client.DeleteCommand(remove)
	return err
}

func sendFile(client *ecs.Client, ids []string) error {
	request := ecs.CreateSendFileRequest()
	request.Name, request.TargetDir, request.Content, request.InstanceId = "greeting.txt", "/opt", odd, &ids
	sent, err := client.SendFile(request)
	if err != nil {
		return err
	}
	describe := ecs.CreateDescribeSendFileResultsRequest()
	describe.InvokeId = sent.InvokeId
	return until(func() (bool, error) {
		found, err := client.DescribeSendFileResults(describe)
		return err == nil && len(found.Invocations.Invocation) == 1 && found.Invocations.Invocation[0].InvocationStatus == "Success", err
	})
}

func stop(client *ecs.Client, ids []string) error {
	request := ecs.CreateRunCommandRequest()
	request.Type, request.InstanceId, request.CommandContent = "RunShellScript", &ids, "sleep 300"
	started, err := client.RunCommand(request)
	if err != nil {
		return err
	}
	stop := ecs.CreateStopInvocationRequest()
	stop.InvokeId = started.InvokeId
	if _, err := client.StopInvocation(stop); err != nil {
		return err
	}
	describe := ecs.CreateDescribeInvocationsRequest()
	describe.InvokeId = started.InvokeId
	return until(func() (bool, error) {
		found, err := client.DescribeInvocations(describe)
		return err == nil && found.Invocations.Invocation[0].InvocationStatus == "Stopped", err
	})
}

func refusal(client *ecs.Client) error {
	request := ecs.CreateDeleteCommandRequest()
	request.CommandId = "c-missing"
	_, err := client.DeleteCommand(request)
	var refused *sdkerrors.ServerError
	if !errors.As(err, &refused) || refused.ErrorCode() != "InvalidCmdId.NotFound" || refused.RequestId() == "" {
		return fmt.Errorf("a command that does not exist: %w", err)
	}
	return nil
}

// wantOutput waits until an invocation has ended on two instances, and compares their outputs.
func wantOutput(client *ecs.Client, id, want string) error {
	request := ecs.CreateDescribeInvocationResultsRequest()
	request.InvokeId = id
	return until(func() (bool, error) {
		found, err := client.DescribeInvocationResults(request)
		if err != nil {
			return false, err
		}
		results := found.Invocation.InvocationResults.InvocationResult
		for _, result := range results {
			output, _ := base64.StdEncoding.DecodeString(result.Output)
			switch {
			case result.InvokeRecordStatus == "Running":
				return false, nil
			case result.InvocationStatus != "Success" || string(output) != want:
				return false, fmt.Errorf("%s on %s: %s, %q", id, result.InstanceId, result.InvocationStatus, output)
			}
		}
		return len(results) == 2, nil
	})
}

// until asks until the answer is true.
func until(ask func() (bool, error)) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(25 * time.Millisecond) {
		if done, err := ask(); done || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return errors.New("it takes more than a minute")
		}
	}
}
