package cmd

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/assist"
)

// apiParameters maps the parameters of API actions to the flags of a command. Each flag can also be typed as the parameter, such as
// --invoke-status or --InvokeStatus. A parameter without an entry has a flag of its own name.
type apiParameters struct {
	requests []any
	// argument is the parameter that the command takes as arguments. It has a hidden flag as well.
	argument string
	// flags maps parameters to flags of other names.
	flags map[string]string
	// none maps parameters without a flag to the reasons.
	none map[string]string
}

// Reasons for parameters without a flag.
const (
	decoded    = "muster decodes what it shows"
	allPages   = "muster reads all pages of a list"
	onePageful = "a list is printed whole"
	byWhere    = "--where looks at what DescribeInstances returns"
	asJSONList = "the oldest name of InstanceId, which takes JSON"
)

// parametersOf returns the parameters of commands by command path. Commands with no parameter but RegionId are missing.
func parametersOf() map[string]apiParameters {
	lists := map[string]string{"MaxResults": "page-size"}
	unpaged := map[string]string{"NextToken": allPages, "PageNumber": onePageful}
	onInstances := map[string]string{"InstanceId": "instance", "InstanceName": "instance", "ZoneId": "zone", "VpcId": "vpc", "ImageId": "image", "OSType": "os"}
	task := map[string]string{"Tag": "task-tag"}
	command := map[string]string{"RepeatMode": "repeat", "Parameters": "param", "ResourceTag": "tag"}
	return map[string]apiParameters{
		"run": {
			requests: []any{assist.RunCommandRequest{}},
			flags:    mergeMaps(onInstances, task, command, map[string]string{"KeepCommand": "keep"}),
			none:     map[string]string{"InstanceIds": asJSONList},
		},
		"invoke": {
			argument: "CommandId",
			requests: []any{assist.InvokeCommandRequest{}},
			flags:    mergeMaps(onInstances, task, command),
			none:     map[string]string{"InstanceIds": asJSONList},
		},
		"send": {
			requests: []any{assist.SendFileRequest{}},
			flags:    mergeMaps(onInstances, task, map[string]string{"TargetDir": "to", "FileOwner": "owner", "FileGroup": "group", "FileMode": "mode"}),
		},
		"watch":      {argument: "InvokeId", requests: []any{assist.StopInvocationRequest{}}, flags: onInstances},
		"stop":       {argument: "InvokeId", requests: []any{assist.StopInvocationRequest{}}, flags: onInstances},
		"runs rerun": {flags: onInstances},
		"runs show":  {flags: onInstances},
		"runs stop":  {flags: onInstances},
		"runs logs":  {flags: onInstances},
		"invocations": {
			requests: []any{assist.DescribeInvocationsRequest{}},
			flags:    mergeMaps(lists, task, map[string]string{"InstanceId": "instance", "InstanceName": "instance", "InvokeStatus": "status", "PageNumber": "page"}),
			none: map[string]string{
				"IncludeOutput": "muster results prints outputs", "ContentEncoding": decoded, "NextToken": allPages,
			},
		},
		"results": {
			argument: "InvokeId",
			requests: []any{assist.DescribeInvocationResultsRequest{}},
			flags:    mergeMaps(lists, task, map[string]string{"InstanceId": "instance", "InstanceName": "instance", "InvokeRecordStatus": "status", "IncludeHistory": "history"}),
			none:     mergeMaps(unpaged, map[string]string{"ContentEncoding": decoded}),
		},
		"commands list": {
			requests: []any{assist.DescribeCommandsRequest{}}, flags: mergeMaps(lists, task),
			none: mergeMaps(unpaged, map[string]string{"ContentEncoding": decoded}),
		},
		"commands create": {requests: []any{assist.CreateCommandRequest{}}, flags: task},
		"commands edit": {
			argument: "CommandId",
			requests: []any{assist.ModifyCommandRequest{}},
			none:     map[string]string{"CommandContent": "the service refuses to change it"},
		},
		"schedule edit": {
			requests: []any{assist.ModifyInvocationAttributeRequest{}},
			flags:    mergeMaps(onInstances, map[string]string{"Parameters": "param"}),
		},
		"managed list": {
			requests: []any{assist.DescribeManagedInstancesRequest{}},
			flags: mergeMaps(onInstances, lists, map[string]string{
				"InstanceName": "name", "OsType": "os", "ResourceGroupId": "resource-group",
			}),
			none: mergeMaps(unpaged, map[string]string{"ActivationId": byWhere, "MachineId": byWhere, "InstanceIp": byWhere, "Connected": byWhere}),
		},
		"managed show":    {argument: "InstanceId"},
		"managed rename":  {argument: "InstanceId", requests: []any{assist.ModifyManagedInstanceRequest{}}, none: map[string]string{"InstanceName": "it is the second argument"}},
		"managed remove":  {argument: "InstanceId", requests: []any{assist.DeregisterManagedInstanceRequest{}}, none: map[string]string{"ClientToken": "muster generates it"}},
		"activation list": {requests: []any{assist.DescribeActivationsRequest{}}, flags: mergeMaps(lists, map[string]string{"InstanceName": "name"}), none: unpaged},
		"activation create": {
			requests: []any{assist.CreateActivationRequest{}},
			flags:    map[string]string{"InstanceName": "name", "InstanceCount": "count", "TimeToLiveInHours": "hours", "IpAddressRange": "address-range"},
		},
		"activation disable": {argument: "ActivationId", requests: []any{assist.DisableActivationRequest{}}},
		"activation delete":  {argument: "ActivationId", requests: []any{assist.DeleteActivationRequest{}}},
		"commands delete":    {argument: "CommandId", requests: []any{assist.DeleteCommandRequest{}}},
		"commands show":      {argument: "CommandId", requests: []any{assist.DeleteCommandRequest{}}},
		"instances": {
			requests: []any{assist.DescribeInstancesRequest{}, assist.DescribeManagedInstancesRequest{}, assist.DescribeCloudAssistantStatusRequest{}},
			flags: mergeMaps(onInstances, lists, map[string]string{
				"InstanceName": "name", "OsType": "os", "ResourceGroupId": "resource-group",
			}),
			none: mergeMaps(unpaged, instanceFilters(), map[string]string{"InstanceIds": asJSONList, "DryRun": "it checks permissions: see muster doctor"}),
		},
	}
}

// instanceFilters returns the filters of DescribeInstances and DescribeManagedInstances that have no flag.
func instanceFilters() map[string]string {
	none := map[string]string{
		"AdditionalAttributes": "muster asks for what it shows", "Filter": "creation times are for --where", "ActivationId": byWhere, "MachineId": byWhere,
		"InstanceIp": byWhere, "Connected": byWhere,
	}
	for _, name := range []string{
		"VSwitchId", "InstanceTypeFamily", "SecurityGroupId", "KeyPairName", "InstanceNetworkType", "InstanceChargeType", "InternetChargeType", "IoOptimized",
		"PrivateIpAddresses", "PublicIpAddresses", "EipAddresses", "InnerIpAddresses", "Ipv6Address", "RdmaIpAddresses", "HpcClusterId", "LockReason",
		"HttpEndpoint", "HttpTokens", "DeviceAvailable",
	} {
		none[name] = byWhere
	}
	return none
}

func mergeMaps(all ...map[string]string) map[string]string {
	sum := map[string]string{}
	for _, m := range all {
		maps.Copy(sum, m)
	}
	return sum
}

// parameterNames returns the parameters of a request.
func parameterNames(request any) []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(request)) {
		if !field.Anonymous {
			names = append(names, field.Name)
		}
	}
	return names
}

// useParameterNames makes the flags of all commands accept the names of their API parameters.
func useParameterNames(root *cobra.Command) {
	known, ofAll := parametersOf(), map[string]string{"region-id": "region"}
	for path, cmd := range commandsBelow(root) {
		if argument := known[path].argument; argument != "" {
			argumentFlag(cmd, kebabCase(argument))
		}
		names := ofAll
		if len(known[path].flags) > 0 {
			names = maps.Clone(ofAll)
		}
		for parameter, flag := range known[path].flags {
			if name := kebabCase(parameter); cmd.Flags().Lookup(name) == nil {
				names[name] = flag
			}
		}
		cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
			if strings.ContainsFunc(name, unicode.IsUpper) {
				name = kebabCase(strings.TrimRight(strings.TrimRight(name, "0123456789"), "."))
			}
			if own, ok := names[name]; ok {
				name = own
			}
			return pflag.NormalizedName(name)
		})
	}
}

// kebabCase returns the flag name of a parameter: invoke-id for InvokeId, os-type for OSType.
func kebabCase(parameter string) string {
	var name strings.Builder
	runes := []rune(parameter)
	for i, r := range runes {
		follows := i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if unicode.IsUpper(r) && follows && runes[i-1] != '-' {
			name.WriteByte('-')
		}
		name.WriteRune(unicode.ToLower(r))
	}
	return name.String()
}

// argumentFlag adds a hidden flag that gives the command's arguments.
func argumentFlag(cmd *cobra.Command, name string) {
	given := new(listFlag)
	cmd.Flags().Var(given, name, "`ID`: the same as the argument")
	cmd.Flags().Lookup(name).Hidden = true
	check, run := cmd.Args, cmd.RunE
	with := func(args []string) []string { return slices.Concat(*given, args) }
	cmd.Args = func(cmd *cobra.Command, args []string) error { return check(cmd, with(args)) }
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return run(cmd, with(args)) }
}
