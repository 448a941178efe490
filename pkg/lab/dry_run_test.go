//go:build unix

package lab

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

// dryRunOf sends a dry run to the host, which answers with what answer returns for its list.
func (r *realHost) dryRunOf(change func(*assist.RunCommandRequest), answer func(protocol.List)) error {
	r.t.Helper()
	before := r.notified.Load()
	request := shell("echo hello")
	request.InstanceId, request.RepeatMode = []string{r.id}, "DryRun"
	change(request)
	refused := make(chan error)
	go func() {
		_, err := r.call(request)
		refused <- err
	}()
	synctest.Wait()
	if r.notified.Load() > before {
		answer(r.fetch(protocol.ListRequest{}))
	}
	return <-refused
}

// TestDryRunOnHosts checks that an agent is asked, and runs nothing.
func TestDryRunOnHosts(t *testing.T) {
	withRealHost(t, "2.2.3.857", func(r *realHost) {
		report := func(kind protocol.ReportKind, param string) func(protocol.List) {
			return func(list protocol.List) {
				again := r.fetch(protocol.ListRequest{}) // the first response was lost
				if len(list.Test) != 1 || len(again.Test) != 1 || len(list.Run)+len(list.Stop) != 0 {
					t.Fatalf("%+v, %+v", list, again)
				}
				for range 2 {
					r.report(protocol.Report{Kind: kind, TaskId: list.Test[0].Id, Version: list.Test[0].Version, Param: param})
				}
			}
		}
		silent := func(list protocol.List) {
			if len(list.Test) != 1 {
				t.Errorf("%+v", list)
			}
		}
		began := time.Now()
		if err := r.dryRunOf(once, report(protocol.Verified, "")); err != nil {
			t.Error(err)
		}
		wantRefused(t, r.dryRunOf(once, report(protocol.Invalid, "workingDirectory")), "400 DirectoryNotExists")
		err := r.dryRunOf(once, report(protocol.Invalid, "UsernameOrPasswordInvalid"))
		wantRefused(t, err, "400 AccountNotExists")
		if !strings.Contains(err.Error(), "The agent of mi-1 would refuse the command: ") {
			t.Error(err)
		}
		wantRefused(t, r.dryRunOf(func(request *assist.RunCommandRequest) { request.Username = "a b" }, silent), "400 AccountNotExists")
		if time.Since(began) != 0 {
			t.Errorf("the answers took %s", time.Since(began))
		}
		if err := r.dryRunOf(once, silent); err != nil || time.Since(began) != dryRunPatience {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		enrolledHosts{r.lab}.Connected(r.id, false)
		if err := r.dryRunOf(once, silent); err != nil || time.Since(began) != dryRunPatience {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if list := r.fetch(protocol.ListRequest{}); len(list.Test) != 0 {
			t.Errorf("%+v", list)
		}
		if n := len(r.lab.own.store.invocations); n != 0 {
			t.Errorf("%d invocations", n)
		}
	})
}
