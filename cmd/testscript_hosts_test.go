package cmd

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"muster/pkg/lab"
	"muster/pkg/lab/agents/agentstest"
)

// enrolHost registers a host with the activation in a file, and starts its agent. The agent ends with the script. With a !, the lab must
// refuse the host.
func enrolHost(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: enrol FILE BUILD NAME")
	}
	var activation struct{ ActivationId, ActivationCode, RegionId string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &activation))
	var connection lab.Connection
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(filepath.Join(ts.Getenv("HOME"), ".local", "state", "muster", "lab", "connection.json"))), &connection))
	certificate, err := os.ReadFile(connection.AgentsCAFile)
	ts.Check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	build, err := strconv.Atoi(args[1])
	ts.Check(err)
	dir := ts.MkAbs("host-" + args[2])
	ts.Check(os.MkdirAll(dir, 0o700))
	agent, err := agentstest.New(agentstest.Options{
		Endpoint: connection.Agents, TLS: &tls.Config{RootCAs: roots}, RegionId: activation.RegionId, ActivationId: activation.ActivationId,
		ActivationCode: activation.ActivationCode, Hostname: args[2], InstanceName: args[2], MachineId: "machine-" + args[2], Build: build,
		Run: agentstest.Shell(dir), WriteFile: agentstest.Files(dir), Check: checkWorkingDir,
	})
	ts.Check(err)
	ts.Defer(agent.Close)
	err = agent.Register(contextOf(ts))
	switch {
	case neg && err == nil:
		ts.Fatalf("the host was registered")
	case neg:
		ts.Logf("%v", err)
		return
	}
	ts.Check(err)
	agent.Start(false)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !isConnected(ts, agent.InstanceID()) {
		select {
		case <-again.C:
		case <-contextOf(ts).Done():
			ts.Fatalf("the agent is not connected")
		}
	}
}

// isConnected reports whether the lab can notify the agent of a managed instance.
func isConnected(ts *testscript.TestScript, instanceID string) bool {
	ts.Check(ts.Exec("muster", "-p", "lab", "managed", "list", "-o", "json"))
	var list struct {
		Instances []struct {
			InstanceId           string
			CloudAssistantStatus string
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &list))
	for _, it := range list.Instances {
		if it.InstanceId == instanceID {
			return it.CloudAssistantStatus == "true"
		}
	}
	return false
}

// checkWorkingDir refuses a directory that does not exist, as an agent does.
func checkWorkingDir(t agentstest.Task) (param, value string) {
	if _, err := os.Stat(t.WorkingDir); t.WorkingDir != "" && err != nil {
		return "workingDirectory", t.WorkingDir
	}
	return "", ""
}
