package journal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"muster/pkg/fleet"
)

const mostOutput = 24 << 10

// ended returns an instance's end with an output of its own.
func ended(n, size int) fleet.Event {
	text := strings.Repeat(fmt.Sprintf("line of \"i-%06d\"\n", n), size/16+1)[:size]
	status := fleet.TargetStatus{InstanceId: fmt.Sprintf("i-%06d", n), InvocationStatus: "Success"}
	return fleet.Event{Event: fleet.OutputEvent, InvokeId: "t-1", Result: &fleet.Result{TargetStatus: status, Output: fleet.Output(text)}}
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{64, mostOutput} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			j, err := testDir(b).Create(testHeader("run", time.Now()), testPlan("run"))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if err := j.Append(ended(n, size)); err != nil {
					b.Fatal(err)
				}
				n++
			}
			if err := j.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkOutput reads outputs, and BenchmarkFold folds whole journals of 10,000 instances with short outputs.
func BenchmarkOutput(b *testing.B) {
	j, err := Temporary()
	if err != nil {
		b.Fatal(err)
	}
	event := ended(1, mostOutput)
	if err := j.Append(event); err != nil {
		b.Fatal(err)
	}
	key := event.Result.OutputKey()
	b.SetBytes(mostOutput)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := j.Output(key); err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkFold(b *testing.B) {
	const instances = 10_000
	d := testDir(b)
	plan := fleet.Event{Event: fleet.Planned, RunId: "run", Action: "RunCommand"}
	sent := fleet.Event{Event: fleet.Submitting, ClientToken: "a"}
	for n := range instances {
		id := fmt.Sprintf("i-%06d", n)
		plan.Targets = append(plan.Targets, fleet.Target{InstanceId: id, Wave: 1})
		sent.InstanceIds = append(sent.InstanceIds, id)
	}
	j, err := d.Create(testHeader("run", time.Now()), testPlan("run"))
	if err != nil {
		b.Fatal(err)
	}
	events := []fleet.Event{plan, sent, {Event: fleet.Submitted, ClientToken: "a", InvokeId: "t-1"}}
	for n := range instances {
		events = append(events, ended(n, 64))
	}
	for _, event := range events {
		if err := j.Append(event); err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		record, err := d.Read("run")
		if err != nil || record.State.Ended() != instances {
			b.Fatal(err, record.State.Ended())
		}
		if err := record.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
