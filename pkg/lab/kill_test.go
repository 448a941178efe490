//go:build unix

package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"muster/pkg/assist"
)

// killableDir is the environment variable with the data directory for TestLabToBeKilled.
const killableDir = "MUSTER_TEST_LAB_DATA"

// TestLabToBeKilled serves a lab, in a process that TestKill starts and kills.
func TestLabToBeKilled(t *testing.T) {
	dir := os.Getenv(killableDir)
	if dir == "" {
		t.Skip("run by TestKill")
	}
	l := newLab(t, Options{Data: dir, Dir: dir, Instances: NumberedInstances(4)}) // a directory of this test's own would be left when it is killed
	server, err := Start(context.Background(), l, "")
	if err != nil {
		t.Fatal(err)
	}
	id, secret := l.Key()
	c := Connection{Endpoint: server.Endpoint(), AccessKeyId: id, AccessKeySecret: secret, RegionId: l.Region(), Pid: os.Getpid()}
	if err := WriteConnection(t.Context(), filepath.Join(dir, "connection.json"), c); err != nil {
		t.Fatal(err)
	}
	<-t.Context().Done()
}

// TestKill kills a lab after a number of responses, while it handles other calls and runs scripts. Then it submits everything to
// the next lab again, with the same tokens: nothing must run twice, and the responses must be the same as before.
func TestKill(t *testing.T) {
	for _, after := range []int{1, 7, 30} {
		t.Run(fmt.Sprint(after), func(t *testing.T) { killAfter(t, after) })
	}
}

func killAfter(t *testing.T, answers int) {
	dir, ran := t.TempDir(), filepath.Join(t.TempDir(), "ran")
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLabToBeKilled$")
	process.Env = append(os.Environ(), killableDir+"="+dir)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var c Connection
	eventually(t, "the lab accepts calls", func() (ok bool) {
		there, err := ReadConnections(filepath.Join(dir, "connection.json"))
		if err == nil {
			c = there[0]
		}
		return err == nil
	})
	transport := assist.NewTransport(assist.Timeouts{})
	defer transport.CloseIdleConnections()
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: assist.Endpoint{Host: c.Endpoint}, Credentials: assist.StaticCredentials(c.AccessKeyId, c.AccessKeySecret),
		Transport: transport, UserAgent: "muster-test",
	})
	if err != nil {
		t.Fatal(err)
	}
	client := assist.NewClient(core)
	request := func(i int) *assist.RunCommandRequest {
		token := fmt.Sprintf("token-%02d", i)
		r := shell("echo " + token + " >> " + ran)
		r.InstanceId, r.ClientToken = []string{nth(1 + i%4)}, token
		return r
	}

	const calls = 60
	var ids [calls]string
	answered := make(chan struct{}, calls)
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			if answer, err := client.RunCommand(t.Context(), request(i)); err == nil {
				ids[i] = answer.InvokeId
				answered <- struct{}{}
			}
		})
	}
	go func() { wg.Wait(); close(answered) }() // so that the loop below ends if calls fail
	for range answers {
		<-answered
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait()
	wg.Wait()

	next := open(t, newLab(t, Options{Data: dir}))
	states := map[string]int{}
	for i := range calls {
		r := request(i)
		id := next.submit(r)
		if ids[i] != "" && ids[i] != id {
			t.Errorf("%s returned %s, and now %s", r.ClientToken, ids[i], id)
		}
		it := next.settle(id).InvokeInstances.InvokeInstance[0]
		state := it.InvocationStatus + " " + it.ErrorCode
		states[state]++
		text, err := os.ReadFile(ran)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the file is missing if all scripts so far were interrupted
			t.Fatal(err)
		}
		n := strings.Count(string(text), r.ClientToken+"\n")
		if n > 1 || (state != "Error ExecutionInterrupted") != (state == "Success " && n == 1) {
			t.Errorf("%s has run %d times, with the state %s", r.ClientToken, n, state)
		}
	}
	t.Log(states)
}
