package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/render"
	"muster/pkg/term"
)

// regionAnswer is the result of trying a region.
type regionAnswer struct {
	RegionId  string
	Answers   bool
	Instances int64
	Error     string `json:",omitempty"`
}

// tryRegions asks every region for one instance. All calls together take at most checkPatience.
func tryRegions(ctx context.Context, cn *connector, first *session, known []string) ([]regionAnswer, error) {
	all := make([]regionAnswer, len(known))
	short, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(cn.config.MaxCalls())
	for i, region := range known {
		group.Go(func() error {
			total, err := tryRegion(short, cn, first, region)
			all[i] = regionAnswer{RegionId: region, Answers: err == nil, Instances: total}
			if err != nil {
				all[i].Error = term.Sanitize(strings.Join(strings.Fields(err.Error()), " "))
			}
			return nil
		})
	}
	_ = group.Wait()
	return all, ctx.Err()
}

func tryRegion(ctx context.Context, cn *connector, first *session, region string) (total int64, err error) {
	endpoint := first.endpoint
	if cn.config.Endpoint == "" {
		endpoint = assist.RegionEndpoint(region)
	}
	s, err := cn.newSession(region, endpoint, first.signer, cn.config.RatePerSecond)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	request := &assist.DescribeInstancesRequest{RegionId: region}
	request.PageSize = 1
	answer, err := s.client.DescribeInstances(ctx, request)
	if err != nil {
		return 0, err
	}
	return answer.TotalCount, nil
}

// setupDocument is the result of `muster config init`.
type setupDocument struct {
	whoami

	RegionId string
	Regions  []regionAnswer
	Files    []string // those written
}

// Records returns the regions.
func (d *setupDocument) Records() iter.Seq2[any, error] { return render.Records(d.Regions) }

// Record returns an empty region.
func (d *setupDocument) Record() any { return regionAnswer{} }

// WriteTable writes the caller, a line for each region that has instances or does not answer, and the files written.
func (d *setupDocument) WriteTable(w io.Writer, style render.Style) error {
	var b strings.Builder
	line := func(name, value string) {
		fmt.Fprintf(&b, "%s  %s\n", style.Paint.Dim(fmt.Sprintf("%-10s", name)), value)
	}
	if d.Profile != "" {
		line("profile", term.Sanitize(fmt.Sprintf("%s (%s)", d.Profile, d.Mode)))
	}
	line("access key", d.AccessKeyId+", from "+d.Provider)
	line("account", "unknown: ECS does not report it")
	line("region", d.RegionId)
	answering := 0
	for _, region := range d.Regions {
		switch {
		case !region.Answers:
			line(region.RegionId, style.Paint.Bad("no answer")+": "+region.Error)
			continue
		case region.Instances > 0:
			line(region.RegionId, plural(int(region.Instances), "instance"))
		}
		answering++
	}
	line("regions", fmt.Sprintf("%d of %d answer", answering, len(d.Regions)))
	for _, file := range d.Files {
		line("written", file)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
