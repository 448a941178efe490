//go:build unix

package lab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/fakeclock"
)

func TestScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(systemClock{})
		began := time.Now()
		var got []time.Duration
		note := func() { got = append(got, time.Since(began)) }
		s.at(began.Add(3*time.Hour), note)
		synctest.Wait()
		s.at(began.Add(time.Hour), func() {
			note()
			s.at(began.Add(2*time.Hour), note)
		})
		s.at(began.Add(-time.Hour), note)
		for i := range 3 {
			s.at(began.Add(time.Hour), func() { got = append(got, time.Duration(i)) })
		}
		s.at(began.Add(5*time.Hour), note)
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		s.close()
		s.close()
		s.at(time.Now(), note)
		time.Sleep(4 * time.Hour)
		want := []time.Duration{0, time.Hour, 0, 1, 2, 2 * time.Hour, 3 * time.Hour}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// TestPeriodicProcesses runs real scripts, through the API, by a clock that a test sets.
func TestPeriodicProcesses(t *testing.T) {
	clock := fakeclock.New(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	l := newLab(t, Options{Instances: NumberedInstances(2), Clock: clock})
	b := open(t, l)
	r := shell("echo x >> count; wc -l < count; exit 5")
	r.Timeout, r.Frequency, r.InstanceId = 30, "rate(60s)", []string{nth(1), nth(2)}
	id := b.submit(r)
	for n, output := range []string{"1\n", "2\n", "3\n"} {
		clock.Advance(time.Minute)
		eventually(t, "both have run", func() bool {
			inv := b.describe(id)
			return !slices.ContainsFunc(inv.InvokeInstances.InvokeInstance, func(it assist.InvokeInstance) bool {
				return it.Repeats != int64(n+1) || it.Status() != assist.StatusScheduled || it.ExitCode != 5 || it.ErrorCode != "ExitCodeNonzero" ||
					strings.TrimSpace(it.Output) != strings.TrimSpace(output)
			})
		})
	}
	answer, err := b.DescribeInvocationResults(t.Context(), &assist.DescribeInvocationResultsRequest{
		RegionId: "cn-hangzhou", InvokeId: id, IncludeHistory: true, ContentEncoding: assist.PlainText,
	})
	if err != nil {
		t.Fatal(err)
	}
	var outputs []string
	for _, run := range answer.Invocation.InvocationResults.InvocationResult {
		outputs = append(outputs, strings.TrimSpace(run.Output))
	}
	if want := []string{"3", "3", "2", "2", "1", "1"}; !slices.Equal(outputs, want) {
		t.Errorf("%q, want %q", outputs, want)
	}
	b.stop(id)
	if got := b.settle(id); got.InvocationStatus != "Stopped" {
		t.Errorf("%+v", got)
	}
}

func TestStopARunningProcess(t *testing.T) {
	clock := fakeclock.New(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	b := open(t, newLab(t, Options{Instances: NumberedInstances(1), Clock: clock}))
	r := shell("echo begun; touch begun; exec sleep 600")
	r.Timeout, r.Frequency = 3600, "0 0 * * * ?"
	id := b.submit(r)
	clock.Advance(time.Hour)
	eventually(t, "the script has begun", func() bool {
		_, err := os.Stat(filepath.Join(b.rootfs(1), "root/begun"))
		return err == nil
	})
	if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.Status() != assist.StatusRunning || it.Output != "" {
		t.Errorf("while it runs: %+v", it)
	}
	b.stop(id)
	if it := b.settle(id).InvokeInstances.InvokeInstance[0]; it.Status() != assist.StatusTerminated || it.Repeats != 1 || it.Output != "begun\n" {
		t.Errorf("%+v", it)
	}
}

// TestClockThatJumps has times be missed: they are made up for once, and a rate stays where it was.
func TestClockThatJumps(t *testing.T) {
	for frequency, want := range map[string]string{
		"rate(7m)":         "2027-01-01T01:03:00Z",
		"0 0/10 * * * ?":   "2027-01-01T01:00:00Z",
		"0 30 2 * * ? UTC": "2027-01-02T02:30:00Z", // the first was not missed
	} {
		began := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		clock := fakeclock.New(began)
		l := newLab(t, Options{Instances: NumberedInstances(1), Clock: clock})
		p := &repetition{invocation: &invocation{FrequencyText: frequency, Zone: time.UTC}, agents: l.agents}
		if err := p.readFrequency(); err != nil {
			t.Fatal(err)
		}
		p.await(began, began)
		p.await(p.next, began.Add(59*time.Minute))
		if got := assist.FormatTime(p.next); got != want {
			t.Errorf("%s: %s, want %s", frequency, got, want)
		}
		clock.Advance(-time.Hour)
		p.await(p.next, clock.Now()) // a clock that was put back does not bring back what has been
		if got := assist.FormatTime(p.next); got <= want {
			t.Errorf("%s: %s again", frequency, got)
		}
	}
}
