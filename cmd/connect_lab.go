package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/lab"
)

// connectLab connects to the lab that `muster lab` runs.
func (cn *connector) connectLab(ctx context.Context, region string) (*session, error) {
	choice := &labChoice{}
	if strings.HasPrefix(cn.config.Origin("endpoint"), "flag ") {
		choice.endpoint = cn.config.Endpoint
	}
	connection, err := cn.runningLab(ctx, choice)
	if err != nil {
		return nil, err
	}
	s, err := cn.openLabAt(connection, cmp.Or(region, connection.RegionId))
	if err == nil {
		shareThrottling(s, connection.AccessKeyId)
	}
	return s, err
}

// openLabAt returns a session with a lab. With a lab that serves HTTPS, it trusts the lab's own authority and no other.
func (cn *connector) openLabAt(c lab.Connection, region string) (*session, error) {
	authorities, err := c.Authorities()
	if err != nil {
		return nil, err
	}
	transport := cn.takeTransport()
	transport.TrustOnly(authorities)
	endpoint := assist.Endpoint{Host: c.Endpoint, TLS: authorities != nil}
	s, err := cn.newSessionOver(transport, region, endpoint, assist.StaticCredentials(c.AccessKeyId, c.AccessKeySecret), cn.labRate())
	if err != nil {
		return nil, err
	}
	s.authorities = authorities
	return s, nil
}

// runningLab returns the running lab that was chosen, or else the one that was started last.
func (cn *connector) runningLab(ctx context.Context, choice *labChoice) (lab.Connection, error) {
	running, err := cn.runningLabs(ctx, choice)
	if err != nil {
		return lab.Connection{}, err
	}
	return running[0], nil
}

// runningLabs returns the running labs that were chosen, or all of them, the one that was started last first. The result is not empty.
func (cn *connector) runningLabs(ctx context.Context, choice *labChoice) ([]lab.Connection, error) {
	if cn.lab.size > 0 {
		return nil, usagef("this command uses the lab that muster lab runs, and --lab starts one that ends with the command")
	}
	path, err := labConnectionPath()
	if err != nil {
		return nil, usagef("no lab can be found: %w; use the exports that muster lab prints", err)
	}
	there, err := lab.ReadConnections(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usagef("no lab is running: start one with muster lab, or use a throwaway one with --lab=5")
	}
	if err != nil {
		return nil, err
	}
	var running, chosen []lab.Connection
	for _, connection := range there {
		if !connection.Reachable(ctx) {
			continue
		}
		running = append(running, connection)
		if choice.matches(connection) {
			chosen = append(chosen, connection)
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case len(running) == 0:
		return nil, usagef("no lab is running: process %d, which listened on %s, is gone; start one with muster lab", there[0].Pid, there[0].Endpoint)
	case len(chosen) == 0:
		return nil, choice.unmatched(running)
	}
	return chosen, nil
}

// useRunningLab calls do with a session of the lab that muster lab runs, whatever the profile is.
func (cn *connector) useRunningLab(ctx context.Context, choice *labChoice, do func(*session) error) error {
	connection, err := cn.runningLab(ctx, choice)
	if err != nil {
		return err
	}
	return cn.useLab(ctx, connection, do)
}

// useLabSites calls do with a session for each region that the running lab serves, or for those of them that --region chooses.
func (cn *connector) useLabSites(ctx context.Context, choice *labChoice, do func(sites) error) error {
	connection, err := cn.runningLab(ctx, choice)
	if err != nil {
		return err
	}
	health, err := connection.Health(ctx)
	if err != nil {
		return err
	}
	regions := health.Regions
	if strings.HasPrefix(cn.config.Origin("region"), "flag ") {
		regions = cn.config.Regions()
	}
	var all sites
	for _, region := range regions {
		if !slices.Contains(health.Regions, region) {
			return errors.Join(usagef("--region: the lab does not serve %s: it serves %s", region, strings.Join(health.Regions, ", ")), all.close())
		}
		s, err := cn.openLabAt(connection, region)
		if err != nil {
			return errors.Join(err, all.close())
		}
		all = append(all, s)
	}
	return cn.useSites(ctx, all, do)
}

// useLab calls do with a session of a running lab, in the lab's own region.
func (cn *connector) useLab(ctx context.Context, connection lab.Connection, do func(*session) error) error {
	s, err := cn.openLabAt(connection, connection.RegionId)
	if err != nil {
		return err
	}
	return cn.useSession(ctx, s, do)
}

// connectThrowawayLab starts a lab in this process, for this session only.
func (cn *connector) connectThrowawayLab(ctx context.Context, region string) (*session, error) {
	region = cmp.Or(region, labRegion)
	lab.RemoveAbandoned()
	dir, err := lab.MakeTemporaryDir()
	if err != nil {
		return nil, fmt.Errorf("make a directory for the lab: %w", err)
	}
	home := region
	if !lab.KnownRegion(region) {
		home = labRegion // the calls still name the region that was asked for, and are refused as by the service
	}
	machine, err := lab.New(lab.Options{Region: home, Instances: cn.throwawayFleet(region), Dir: dir.Path, Alone: true, Faults: cn.lab.faults, FaultSeed: cn.lab.seedOf(cn.printer, cn.lab.faults)})
	if err != nil {
		_ = dir.Remove()
		return nil, fmt.Errorf("create the lab: %w", err)
	}
	warnNoShell(cn.printer, machine)
	server, err := lab.Start(context.WithoutCancel(ctx), machine, "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the lab: %w", err), machine.Close(), dir.Remove())
	}
	id, secret := machine.Key()
	s, err := cn.openLabAt(lab.Connection{Endpoint: server.Endpoint(), AccessKeyId: id, AccessKeySecret: secret}, region)
	if err != nil {
		return nil, errors.Join(err, server.Close(), machine.Close(), dir.Remove())
	}
	s.lab = true
	// Close the client's connections first: the server would wait for those that were never used.
	closeClient := s.close
	s.close = func() error { return errors.Join(closeClient(), server.Close(), machine.Close(), dir.Remove()) }
	return s, nil
}
