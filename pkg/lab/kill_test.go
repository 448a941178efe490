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

// killable names the data directory of a lab that is to run in a process of its own.
const killable = "MUSTER_TEST_LAB_DATA"

// TestLabToBeKilled is that process.
func TestLabToBeKilled(t *testing.T) {
	dir := os.Getenv(killable)
	if dir == "" {
		t.Skip("it is run by TestKill")
	}
	l := newLab(t, Options{Data: dir, Dir: dir, Instances: NumberedInstances(4)}) // a directory of the test's own would outlive its kill
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

// TestKill kills a lab after some of its answers, while it is busy with other calls and with scripts. With the same tokens
// all is submitted again to the next one: nothing has run twice, and what was answered is what is answered now.
func TestKill(t *testing.T) {
	for _, after := range []int{1, 7, 30} {
		t.Run(fmt.Sprint(after), func(t *testing.T) { killAfter(t, after) })
	}
}

func killAfter(t *testing.T, answers int) {
	dir, ran := t.TempDir(), filepath.Join(t.TempDir(), "ran")
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLabToBeKilled$")
	process.Env = append(os.Environ(), killable+"="+dir)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var c Connection
	eventually(t, "the lab serves", func() (ok bool) {
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
	told := make(chan struct{}, calls)
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			if answer, err := client.RunCommand(t.Context(), request(i)); err == nil {
				ids[i] = answer.InvokeId
				told <- struct{}{}
			}
		})
	}
	go func() { wg.Wait(); close(told) }() // and nobody waits for answers that do not come
	for range answers {
		<-told
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
			t.Errorf("%s was answered with %s, and is %s now", r.ClientToken, ids[i], id)
		}
		it := next.settle(id).InvokeInstances.InvokeInstance[0]
		state := it.InvocationStatus + " " + it.ErrorCode
		states[state]++
		text, err := os.ReadFile(ran)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // no script has run yet: the first ones were interrupted
			t.Fatal(err)
		}
		n := strings.Count(string(text), r.ClientToken+"\n")
		if n > 1 || (state != "Error ExecutionInterrupted") != (state == "Success " && n == 1) {
			t.Errorf("%s has run %d times, and is %s", r.ClientToken, n, state)
		}
	}
	t.Log(states)
}
