package assist

import (
	"context"
	"iter"
	"strconv"
)

// Client has a method for each action of the API. It adds nothing to the behaviour of its [Caller].
type Client struct{ caller Caller }

// NewClient returns a client that makes its calls with caller.
func NewClient(caller Caller) *Client { return &Client{caller: caller} }

func call[Response any](ctx context.Context, c *Client, request Request) (*Response, error) {
	response := new(Response)
	if err := c.caller.Call(ctx, request, response); err != nil {
		return nil, err
	}
	return response, nil
}

// RunCommand creates a command and runs it.
func (c *Client) RunCommand(ctx context.Context, r *RunCommandRequest) (*RunCommandResponse, error) {
	return call[RunCommandResponse](ctx, c, r)
}

// InvokeCommand runs a saved command.
func (c *Client) InvokeCommand(ctx context.Context, r *InvokeCommandRequest) (*InvokeCommandResponse, error) {
	return call[InvokeCommandResponse](ctx, c, r)
}

// DescribeInvocations returns one page of invocations.
func (c *Client) DescribeInvocations(ctx context.Context, r *DescribeInvocationsRequest) (*DescribeInvocationsResponse, error) {
	return call[DescribeInvocationsResponse](ctx, c, r)
}

// DescribeInvocationResults returns one page of results.
func (c *Client) DescribeInvocationResults(ctx context.Context, r *DescribeInvocationResultsRequest) (*DescribeInvocationResultsResponse, error) {
	return call[DescribeInvocationResultsResponse](ctx, c, r)
}

// StopInvocation stops an invocation.
func (c *Client) StopInvocation(ctx context.Context, r *StopInvocationRequest) (*StopInvocationResponse, error) {
	return call[StopInvocationResponse](ctx, c, r)
}

// ModifyInvocationAttribute changes an invocation that runs later or more than once.
func (c *Client) ModifyInvocationAttribute(ctx context.Context, r *ModifyInvocationAttributeRequest) (*ModifyInvocationAttributeResponse, error) {
	return call[ModifyInvocationAttributeResponse](ctx, c, r)
}

// CreateCommand saves a command.
func (c *Client) CreateCommand(ctx context.Context, r *CreateCommandRequest) (*CreateCommandResponse, error) {
	return call[CreateCommandResponse](ctx, c, r)
}

// DescribeCommands returns one page of commands.
func (c *Client) DescribeCommands(ctx context.Context, r *DescribeCommandsRequest) (*DescribeCommandsResponse, error) {
	return call[DescribeCommandsResponse](ctx, c, r)
}

// DeleteCommand deletes a saved command.
func (c *Client) DeleteCommand(ctx context.Context, r *DeleteCommandRequest) (*DeleteCommandResponse, error) {
	return call[DeleteCommandResponse](ctx, c, r)
}

// DescribeInstances returns one page of instances.
func (c *Client) DescribeInstances(ctx context.Context, r *DescribeInstancesRequest) (*DescribeInstancesResponse, error) {
	return call[DescribeInstancesResponse](ctx, c, r)
}

// DescribeManagedInstances returns one page of managed instances.
func (c *Client) DescribeManagedInstances(ctx context.Context, r *DescribeManagedInstancesRequest) (*DescribeManagedInstancesResponse, error) {
	return call[DescribeManagedInstancesResponse](ctx, c, r)
}

// ModifyManagedInstance renames a managed instance.
func (c *Client) ModifyManagedInstance(ctx context.Context, r *ModifyManagedInstanceRequest) (*ModifyManagedInstanceResponse, error) {
	return call[ModifyManagedInstanceResponse](ctx, c, r)
}

// DeregisterManagedInstance removes a managed instance.
func (c *Client) DeregisterManagedInstance(ctx context.Context, r *DeregisterManagedInstanceRequest) (*DeregisterManagedInstanceResponse, error) {
	return call[DeregisterManagedInstanceResponse](ctx, c, r)
}

// CreateActivation makes an activation code.
func (c *Client) CreateActivation(ctx context.Context, r *CreateActivationRequest) (*CreateActivationResponse, error) {
	return call[CreateActivationResponse](ctx, c, r)
}

// DescribeActivations returns one page of activation codes.
func (c *Client) DescribeActivations(ctx context.Context, r *DescribeActivationsRequest) (*DescribeActivationsResponse, error) {
	return call[DescribeActivationsResponse](ctx, c, r)
}

// DisableActivation makes an activation code unusable.
func (c *Client) DisableActivation(ctx context.Context, r *DisableActivationRequest) (*DisableActivationResponse, error) {
	return call[DisableActivationResponse](ctx, c, r)
}

// DeleteActivation deletes an activation code.
func (c *Client) DeleteActivation(ctx context.Context, r *DeleteActivationRequest) (*DeleteActivationResponse, error) {
	return call[DeleteActivationResponse](ctx, c, r)
}

// DescribeCloudAssistantStatus returns one page of agents.
func (c *Client) DescribeCloudAssistantStatus(ctx context.Context, r *DescribeCloudAssistantStatusRequest) (*DescribeCloudAssistantStatusResponse, error) {
	return call[DescribeCloudAssistantStatusResponse](ctx, c, r)
}

// DescribeRegions returns the regions.
func (c *Client) DescribeRegions(ctx context.Context, r *DescribeRegionsRequest) (*DescribeRegionsResponse, error) {
	return call[DescribeRegionsResponse](ctx, c, r)
}

// ModifyCommand changes a saved command.
func (c *Client) ModifyCommand(ctx context.Context, r *ModifyCommandRequest) (*ModifyCommandResponse, error) {
	return call[ModifyCommandResponse](ctx, c, r)
}

// SendFile sends a file to instances.
func (c *Client) SendFile(ctx context.Context, r *SendFileRequest) (*SendFileResponse, error) {
	return call[SendFileResponse](ctx, c, r)
}

// DescribeSendFileResults returns one page of sent files.
func (c *Client) DescribeSendFileResults(ctx context.Context, r *DescribeSendFileResultsRequest) (*DescribeSendFileResultsResponse, error) {
	return call[DescribeSendFileResultsResponse](ctx, c, r)
}

// DescribeCloudAssistantSettings returns settings of the account.
func (c *Client) DescribeCloudAssistantSettings(ctx context.Context, r *DescribeCloudAssistantSettingsRequest) (*DescribeCloudAssistantSettingsResponse, error) {
	return call[DescribeCloudAssistantSettingsResponse](ctx, c, r)
}

// InstallCloudAssistant installs the agent.
func (c *Client) InstallCloudAssistant(ctx context.Context, r *InstallCloudAssistantRequest) (*InstallCloudAssistantResponse, error) {
	return call[InstallCloudAssistantResponse](ctx, c, r)
}

// ListTagResources returns one page of tags or of tagged resources.
func (c *Client) ListTagResources(ctx context.Context, r *ListTagResourcesRequest) (*ListTagResourcesResponse, error) {
	return call[ListTagResourcesResponse](ctx, c, r)
}

// StartInstance starts an instance.
func (c *Client) StartInstance(ctx context.Context, r *StartInstanceRequest) (*StartInstanceResponse, error) {
	return call[StartInstanceResponse](ctx, c, r)
}

// StopInstance stops an instance.
func (c *Client) StopInstance(ctx context.Context, r *StopInstanceRequest) (*StopInstanceResponse, error) {
	return call[StopInstanceResponse](ctx, c, r)
}

// RebootInstance reboots an instance.
func (c *Client) RebootInstance(ctx context.Context, r *RebootInstanceRequest) (*RebootInstanceResponse, error) {
	return call[RebootInstanceResponse](ctx, c, r)
}

// GetCallerIdentity returns the identity of the client's credentials.
func (c *Client) GetCallerIdentity(ctx context.Context, r *GetCallerIdentityRequest) (*GetCallerIdentityResponse, error) {
	return call[GetCallerIdentityResponse](ctx, c, r)
}

// AssumeRole obtains temporary keys of a role.
func (c *Client) AssumeRole(ctx context.Context, r *AssumeRoleRequest) (*AssumeRoleResponse, error) {
	return call[AssumeRoleResponse](ctx, c, r)
}

// AssumeRoleWithOIDC obtains temporary keys of a role for an OpenID Connect token.
func (c *Client) AssumeRoleWithOIDC(ctx context.Context, r *AssumeRoleWithOIDCRequest) (*AssumeRoleWithOIDCResponse, error) {
	return call[AssumeRoleWithOIDCResponse](ctx, c, r)
}

// AllInvocations iterates over the invocations of all pages, newest first. MaxResults is the page size and may be 0.
func (c *Client) AllInvocations(ctx context.Context, r DescribeInvocationsRequest) iter.Seq2[Invocation, error] {
	record := func(i *Invocation) string { return i.InvokeId }
	return allPages("DescribeInvocations", record, func(token string) ([]Invocation, string, error) {
		r.nextPage(token)
		page, err := c.DescribeInvocations(ctx, &r)
		if err != nil {
			return nil, "", err
		}
		return page.Invocations.Invocation, page.NextToken, nil
	})
}

// AllInvocationResults iterates over the results of all pages. MaxResults is the page size and may be 0. Outputs that are requested
// in Base64 are decoded; see the Encoding of each result.
func (c *Client) AllInvocationResults(ctx context.Context, r DescribeInvocationResultsRequest) iter.Seq2[InvocationResult, error] {
	return allPages("DescribeInvocationResults", resultRecord, func(token string) ([]InvocationResult, string, error) {
		r.nextPage(token)
		if Encoding(r.ContentEncoding, Base64) == Base64 {
			page, err := call[decodedResults](ctx, c, &r)
			if err != nil {
				return nil, "", err
			}
			return page.page(), page.Invocation.NextToken, nil
		}
		page, err := c.DescribeInvocationResults(ctx, &r)
		if err != nil {
			return nil, "", err
		}
		return page.Invocation.InvocationResults.InvocationResult, page.Invocation.NextToken, nil
	})
}

// AllCommands iterates over the commands of all pages. MaxResults is the page size and may be 0.
func (c *Client) AllCommands(ctx context.Context, r DescribeCommandsRequest) iter.Seq2[Command, error] {
	record := func(c *Command) string { return c.CommandId + strconv.FormatInt(c.Version, 10) }
	return allPages("DescribeCommands", record, func(token string) ([]Command, string, error) {
		r.nextPage(token)
		page, err := c.DescribeCommands(ctx, &r)
		if err != nil {
			return nil, "", err
		}
		return page.Commands.Command, page.NextToken, nil
	})
}

// AllInstances iterates over the instances of all pages. MaxResults is the page size and may be 0.
func (c *Client) AllInstances(ctx context.Context, r DescribeInstancesRequest) iter.Seq2[Instance, error] {
	record := func(i *Instance) string { return i.InstanceId }
	return allPages("DescribeInstances", record, func(token string) ([]Instance, string, error) {
		r.nextPage(token)
		page, err := c.DescribeInstances(ctx, &r)
		if err != nil {
			return nil, "", err
		}
		return page.Instances.Instance, page.NextToken, nil
	})
}

// AllManagedInstances iterates over the instances of all pages. MaxResults is the page size and may be 0.
func (c *Client) AllManagedInstances(ctx context.Context, r DescribeManagedInstancesRequest) iter.Seq2[ManagedInstance, error] {
	record := func(i *ManagedInstance) string { return i.InstanceId }
	return allPages("DescribeManagedInstances", record, func(token string) ([]ManagedInstance, string, error) {
		r.nextPage(token)
		page, err := c.DescribeManagedInstances(ctx, &r)
		if err != nil {
			return nil, "", err
		}
		return page.Instances, page.NextToken, nil
	})
}

// AllActivations iterates over the activation codes of all pages. MaxResults is the page size and may be 0.
func (c *Client) AllActivations(ctx context.Context, r DescribeActivationsRequest) iter.Seq2[Activation, error] {
	record := func(a *Activation) string { return a.ActivationId }
	return allPages("DescribeActivations", record, func(token string) ([]Activation, string, error) {
		r.nextPage(token)
		page, err := c.DescribeActivations(ctx, &r)
		if err != nil {
			return nil, "", err
		}
		return page.ActivationList, page.NextToken, nil
	})
}

// resultRecord returns a text that identifies a result, also among those of the same instance at other times.
func resultRecord(r *InvocationResult) string {
	return r.InvokeId + " " + r.InstanceId + " " + r.StartTime + " " + r.FinishedTime + " " + strconv.FormatInt(r.Repeats, 10)
}
