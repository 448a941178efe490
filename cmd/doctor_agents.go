package cmd

import (
	"context"
	"fmt"
	"slices"

	"muster/pkg/assist"
)

// agentCounts counts the agents of a fleet by state and version.
type agentCounts struct {
	total, offline, without, old int
	byVersion                    map[string]int
	least                        []string // the oldest versions that are not too old
	more                         bool     // there are more than maxAgents instances
}

// maxAgents bounds how many instances doctor looks at.
const maxAgents = 1000

func countAgents(ctx context.Context, fd *finder, s *session) (*agentCounts, error) {
	c := &agentCounts{byVersion: map[string]int{}}
	request := assist.DescribeInstancesRequest{RegionId: s.region}
	request.MaxResults = assist.MaxDescribedInstances
	systems := map[string]string{}
	var ids []string
	for instance, err := range s.client.AllInstances(ctx, request) {
		if err != nil {
			return nil, fmt.Errorf("list instances: %w", err)
		}
		if c.more = len(ids) == maxAgents; c.more {
			break
		}
		if instance.Status == "Running" {
			systems[instance.InstanceId] = instance.OSType
		}
		ids = append(ids, instance.InstanceId)
	}
	agents, err := fd.resolver(sites{s}).AgentsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	c.total = len(ids)
	for _, id := range ids {
		agent := agents[id]
		system, running := systems[id]
		switch {
		case agent.CloudAssistantVersion == "":
			c.without++
			continue
		case running && agent.CloudAssistantStatus != "true":
			c.offline++
		}
		c.byVersion[agent.CloudAssistantVersion]++
		if least, old := assist.OutdatedAgent(system, agent.CloudAssistantVersion); old {
			c.old++
			if !slices.Contains(c.least, least) {
				c.least = append(c.least, least)
			}
		}
	}
	slices.Sort(c.least)
	return c, nil
}

// versions returns the most common versions, each with its count.
func (c *agentCounts) versions() []string {
	const shown = 5
	var list []string
	for i, version := range sortedByCount(c.byVersion) {
		if i == shown {
			return append(list, fmt.Sprintf("%d more versions", len(c.byVersion)-shown))
		}
		list = append(list, fmt.Sprintf("%d with %s", c.byVersion[version], version))
	}
	return list
}
