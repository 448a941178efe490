package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
)

// fetchCommand is the hidden command that fetches candidates; see candidates.
const fetchCommand = "__fetch"

// Kinds of candidates.
const (
	kindInstances   = "instances"
	kindCommands    = "commands"
	kindInvocations = "invocations"
	kindRegions     = "regions"
	kindActivations = "activations"
)

// maxFetched bounds how many candidates of a kind are kept.
const maxFetched = 5000

func newFetchCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    fetchCommand + " KIND",
		Short:  "Fetch what completions need",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), fetchPatience)
			defer cancel()
			return newCompleter(a.connector, a.runs).fetch(ctx, args[0])
		},
	}
}

// fetch updates the cache.
func (cm *completer) fetch(ctx context.Context, kind string) error {
	path, err := cm.cachePath(kind)
	if err != nil {
		return err
	}
	var list []candidate
	if kind == kindRegions {
		list, err = cm.fetchRegions(ctx)
	} else {
		list, err = cm.fetchFromSites(ctx, kind)
	}
	if err != nil {
		return err
	}
	return cacheEntry{Time: time.Now(), Candidates: list[:min(len(list), maxFetched)]}.write(path)
}

func (cm *completer) fetchRegions(ctx context.Context) (list []candidate, err error) {
	s, err := cm.connectAs(ctx, cm.config, append(cm.config.Regions(), labRegion)[0])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	language := map[catalogue.Language]string{catalogue.Chinese: "zh-CN", catalogue.Japanese: "ja"}[cm.language()]
	if language == "" {
		language = "en-US"
	}
	answer, err := s.client.DescribeRegions(ctx, &assist.DescribeRegionsRequest{AcceptLanguage: language})
	if err != nil {
		return nil, err
	}
	for _, region := range answer.Regions.Region {
		list = append(list, candidate{Value: region.RegionId, Note: region.LocalName})
	}
	return list, nil
}

func (cm *completer) fetchFromSites(ctx context.Context, kind string) (list []candidate, err error) {
	all, err := cm.connectSites(ctx, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, all.close()) }()
	for _, s := range all {
		some, err := fetchFrom(ctx, s, kind)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}

func fetchFrom(ctx context.Context, s *session, kind string) (list []candidate, err error) {
	switch kind {
	case kindInstances:
		request := assist.DescribeInstancesRequest{RegionId: s.region}
		request.MaxResults = assist.MaxDescribedInstances
		for instance, err := range s.client.AllInstances(ctx, request) {
			if err != nil || len(list) == maxFetched {
				return list, err
			}
			list = append(list, instanceCandidate(instance))
		}
		return fetchManaged(ctx, s, list)
	case kindCommands:
		for command, err := range s.client.AllCommands(ctx, assist.DescribeCommandsRequest{RegionId: s.region}) {
			if err != nil || len(list) == maxFetched {
				return list, err
			}
			list = append(list, candidate{Value: command.Name, Note: strings.TrimSpace(command.CommandId + " " + command.Description)})
		}
	case kindActivations:
		for activation, err := range s.client.AllActivations(ctx, assist.DescribeActivationsRequest{RegionId: s.region}) {
			if err != nil || len(list) == maxFetched {
				return list, err
			}
			list = append(list, candidate{Value: activation.ActivationId, Note: strings.TrimSpace(activation.InstanceName + " " + activation.Description)})
		}
	case kindInvocations:
		answer, err := s.client.DescribeInvocations(ctx, &assist.DescribeInvocationsRequest{RegionId: s.region})
		if err != nil {
			return nil, err
		}
		for _, invocation := range answer.Invocations.Invocation {
			list = append(list, candidate{Value: invocation.InvokeId, Note: strings.TrimSpace(invocation.CommandName + " " + invocation.InvocationStatus)})
		}
	default:
		return nil, fmt.Errorf("unknown kind %q", kind)
	}
	return list, nil
}

// fetchManaged appends managed instances to a list. If the service refuses, because the region has none or the credentials may not
// list them, the list is returned unchanged.
func fetchManaged(ctx context.Context, s *session, list []candidate) ([]candidate, error) {
	for instance, err := range s.client.AllManagedInstances(ctx, assist.DescribeManagedInstancesRequest{RegionId: s.region}) {
		if _, refused := errors.AsType[*assist.Error](err); refused {
			return list, nil
		}
		if err != nil || len(list) == maxFetched {
			return list, err
		}
		list = append(list, managedCandidate(instance))
	}
	return list, nil
}

func managedCandidate(instance assist.ManagedInstance) candidate {
	c := candidate{Value: instance.InstanceId, Note: instance.InstanceName, Managed: true}
	if !instance.Connected {
		c.Note += " (not connected)"
	}
	for _, tag := range instance.Tags {
		c.Tags = append(c.Tags, tag.TagKey+"="+tag.TagValue)
	}
	slices.Sort(c.Tags)
	c.Attributes = map[string]string{"resource-group": instance.ResourceGroupId}
	return c
}

func instanceCandidate(instance assist.Instance) candidate {
	c := candidate{Value: instance.InstanceId, Note: instance.InstanceName}
	if instance.Status != "Running" {
		c.Note += " (" + instance.Status + ")"
	}
	for _, tag := range instance.Tags.Tag {
		c.Tags = append(c.Tags, tag.TagKey+"="+tag.TagValue)
	}
	slices.Sort(c.Tags)
	c.Attributes = map[string]string{
		"zone": instance.ZoneId, "vpc": instance.VpcAttributes.VpcId, "instance-type": instance.InstanceType,
		"image": instance.ImageId, "resource-group": instance.ResourceGroupId,
	}
	return c
}
