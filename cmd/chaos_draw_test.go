//go:build unix

package cmd

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"muster/pkg/lab"
)

// chaos is a run, its lab, and the deaths of its processes. The seed determines all of it.
type chaos struct {
	seed        uint64
	dice        *rand.Rand
	instances   int
	stopped     int    // of them
	action      string // run, invoke or send
	real        bool   // the scripts are executed
	batch       int
	concurrency int
	pageSize    int
	waves       string
	fanout      string
	maxFailures string
	faults      []string
	hostile     string // the misbehaviour of one in ten calls of hostileTo
	hostileTo   string
	deaths      []death // one per process; the process after the last one is not killed
}

// death is how a process is killed, unless it ends before.
type death struct {
	point  int           // the boundary after which it kills itself; 0 means from outside, after a time
	at     string        // the only boundary that counts; empty for all
	after  time.Duration // until it is killed from outside
	asked  bool          // with SIGTERM instead of SIGKILL
	losing bool          // together with the machine: what was not flushed may be lost
}

// pointsAtMost is beyond the last boundary of most runs.
const pointsAtMost = 72

func drawChaos(seed uint64) *chaos {
	dice := rand.New(rand.NewPCG(seed, 1))
	one := func(of int) bool { return dice.IntN(of) == 0 }
	pick := func(of ...string) string { return of[dice.IntN(len(of))] }
	c := &chaos{
		seed: seed, dice: dice, instances: 1 + dice.IntN(40), action: pick("run", "run", "run", "invoke", "send"), real: seed%10 == 0,
		batch: 1 + dice.IntN(12), concurrency: []int{1, 2, 64}[dice.IntN(3)], pageSize: []int{5, 50}[dice.IntN(2)],
		waves: pick("", "", "1,100%", "30%"), maxFailures: pick("", "", "", "", "0", "2", "25%"),
	}
	if c.real {
		c.action = pick("run", "invoke")
		c.instances = 1 + dice.IntN(8)
		c.batch = 1 + dice.IntN(3)
	}
	if one(3) {
		c.stopped = dice.IntN(1 + c.instances/4)
	}
	c.fanout = pick("", "", "1", "3", "40%")
	c.drawFaults(one, pick)
	if one(3) && c.action != "send" {
		c.hostile, c.hostileTo = pick(chaosWays()...), pick("RunCommand", "DescribeInvocations", "DescribeInvocationResults")
	}
	switch round := int(seed / 4); seed % 4 {
	case 0:
		c.dieAt(chaosBoundaries()[round%len(chaosBoundaries())])
	case 1:
		c.deaths = append(c.deaths, c.drawDeath())
	default:
		c.deaths = append(c.deaths, death{point: 1 + (2*round+int(seed%4)-2)%pointsAtMost, losing: one(2)})
	}
	for range dice.IntN(3) {
		c.deaths = append(c.deaths, c.drawDeath())
	}
	if c.maxFailures != "" && c.waves == "" && c.fanout == "" {
		c.waves = "100%"
	}
	return c
}

// chaosWays are misbehaviours of a hostile service that end soon by themselves.
func chaosWays() []string {
	return []string{"page 502", "empty 500", "internal error", "interrupted after the header", "interrupted in the response", "half a response", "length that is too small", "incomplete gzip"}
}

// chaosBoundaries are the kinds of boundaries.
func chaosBoundaries() []string {
	names := []string{"after a flush"}
	for _, event := range []string{"planned", "skipped", "submitting", "submitted", "rejected", "status", "output", "gate", "resumed", "settled"} {
		names = append(names, "before "+event, "after "+event)
	}
	return names
}

// dieAt makes a process die at its first such boundary, which the run is made to reach.
func (c *chaos) dieAt(boundary string) {
	c.instances, c.action, c.maxFailures = max(c.instances, 4), "run", ""
	switch strings.Fields(boundary)[1] {
	case "skipped":
		c.stopped = max(c.stopped, 1)
	case "rejected":
		c.faults = append(c.faults, "instance=InvalidInstance.NotFound*2")
	case "gate":
		c.waves = "1,100%"
	case "resumed":
		c.deaths = append(c.deaths, death{point: 3 + c.dice.IntN(20)})
	}
	c.deaths = append(c.deaths, death{point: 1, at: boundary, losing: c.dice.IntN(2) == 0})
}

func (c *chaos) drawDeath() death {
	d := death{losing: c.dice.IntN(2) == 0}
	switch c.dice.IntN(5) {
	case 0, 1:
		d.point = 1 + c.dice.IntN(40)
	case 2:
		d.asked = true
		fallthrough
	default:
		d.after = time.Duration(c.dice.IntN(600)) * time.Millisecond
	}
	return d
}

// drawFaults draws faults. Calls that only read past records have fewer of them: each retry takes 200 ms.
func (c *chaos) drawFaults(one func(int) bool, pick func(...string) string) {
	action := map[string]string{"run": "RunCommand", "invoke": "InvokeCommand", "send": "SendFile"}[c.action]
	for _, fault := range []string{"drop@15%", "cut@10%", "Throttling.User@8%", "InternalError@6%", "ServiceUnavailable@6%", "slow:40ms@30%"} {
		if one(2) {
			c.faults = append(c.faults, action+"="+fault)
		}
	}
	if c.action != "send" {
		for _, fault := range []string{
			"DescribeInvocations=cut@4%", "DescribeInvocations=InternalError@3%", "DescribeInvocations=slow:30ms@20%",
			"DescribeInvocationResults=drop@4%", "DescribeInvocationResults=Throttling.User@3%",
			"DescribeInvocations=stale:" + pick("50ms", "300ms", "900ms"), "DescribeInvocationResults=stale:" + pick("50ms", "400ms"),
		} {
			if one(4) {
				c.faults = append(c.faults, fault)
			}
		}
		if one(4) {
			c.faults = append(c.faults, "task=DeliveryTimeout@5%")
		}
	} else if one(4) {
		c.faults = append(c.faults, "file=FileAlreadyExists@8%", "DescribeSendFileResults=cut@4%")
	}
	if one(3) {
		c.faults = append(c.faults, "instance="+pick("InvalidInstanceStatus", "InvalidInstance.NotFound")+"@12%")
	}
}

// args returns muster's arguments.
func (c *chaos) args() []string {
	args := []string{
		c.action, "--all", "--output", "json", "--quiet", "--rate", "0", "--concurrency", strconv.Itoa(c.concurrency),
		"--page-size", strconv.Itoa(c.pageSize), "--batch-run", strconv.Itoa(c.batch), "--batch-invoke", strconv.Itoa(c.batch),
	}
	if c.waves != "" {
		args = append(args, "--waves", c.waves)
	}
	if c.fanout != "" {
		args = append(args, "--fanout", c.fanout)
	}
	if c.maxFailures != "" {
		args = append(args, "--max-failures", c.maxFailures)
	}
	switch c.action {
	case "run":
		return append(args, "--", chaosScript)
	case "invoke":
		return append(args, "chaos")
	}
	return append(args, "file", "--to", "/etc/chaos")
}

// chaosScript prints where it ran, and ends as drawn for that instance.
const chaosScript = `echo "$(hostname)" | tee -a ran; case $(hostname) in *3) exit 7;; *[05]) printf '\377'; exit 0;; esac`

func (c *chaos) fleet() []lab.Instance {
	instances := lab.NumberedInstances(c.instances)
	for i := range c.stopped {
		instances[i*len(instances)/c.stopped].Status = "Stopped"
	}
	if !c.real {
		lab.Simulate(instances, &lab.Simulation{
			Duration: lab.Distribution{Least: 0, Most: time.Duration(c.dice.IntN(200)+1) * time.Millisecond},
			Exit:     []lab.ExitShare{{Code: 0, Percent: 85}, {Code: 1, Percent: 10}, {Code: 137, Percent: 5}},
			Text:     "ran on {{ACS::InstanceName}}\n",
		})
	}
	return instances
}

// String describes the run for a failure.
func (c *chaos) String() string {
	return fmt.Sprintf("seed %d: muster %q, %d instances, %d of them stopped, faults %q, %s is hostile by %q, deaths %+v", c.seed, c.args(), c.instances, c.stopped, c.faults, c.hostileTo, c.hostile, c.deaths)
}
