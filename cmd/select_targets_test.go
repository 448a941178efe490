package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/lab"
	"muster/pkg/term"
)

// selectionFleet draws a fleet whose names, tags and attributes are often the same.
func selectionFleet(t *rapid.T) []lab.Instance {
	instances := lab.NumberedInstances(rapid.IntRange(1, 12).Draw(t, "fleet"))
	for i := range instances {
		it := &instances[i]
		it.InstanceName = fmt.Sprintf("%s-%02d", rapid.SampledFrom([]string{"web", "db"}).Draw(t, "name"), rapid.IntRange(0, 4).Draw(t, "number"))
		it.Tags.Tag = []assist.TagPair{{TagKey: "env", TagValue: rapid.SampledFrom([]string{"prod", "dev"}).Draw(t, "env")}}
		if rapid.Bool().Draw(t, "role") {
			it.Tags.Tag = append(it.Tags.Tag, assist.TagPair{TagKey: "role", TagValue: rapid.SampledFrom([]string{"a", "ab"}).Draw(t, "role's value")})
		}
		it.Status = rapid.SampledFrom([]string{"Running", "Running", "Stopped"}).Draw(t, "status")
		it.Online = rapid.IntRange(0, 3).Draw(t, "offline") > 0
		it.OSType = rapid.SampledFrom([]string{"linux", "linux", "windows"}).Draw(t, "os")
		it.Simulation = new(lab.Simulation)
	}
	return instances
}

// selectionArgs draws flags that choose instances.
func selectionArgs(t *rapid.T) []string {
	terms := rapid.SampledFrom([]string{"i-lab00001", "i-lab00002,i-lab00003", "web-01", "web-*", "db-0[0-2]", "d*,web-00 web-03", "@group", "i-lab0000[4-6]"})
	args := []string{"--allow-unmatched"}
	if rapid.Bool().Draw(t, "named") {
		for range rapid.IntRange(1, 2).Draw(t, "terms") {
			args = append(args, "-i", terms.Draw(t, "term"))
		}
	} else {
		args = append(args, "--all")
	}
	narrowing := rapid.SampledFrom([][]string{
		{"-t", "env=prod"}, {"-t", "role"}, {"-t", "!role"}, {"-t", "role!=a"}, {"-t", "role=a*"}, {"--status", "running"}, {"--os", "linux"},
		{"--zone", "cn-hangzhou-a,cn-hangzhou-b"}, {"--where", `.Tags.env == "dev" or .CloudAssistantStatus == "true"`}, {"--exclude", "web-01,db-*"},
		{"--exclude", "@group"}, {"--instance-type", "ecs.*"},
	})
	for range rapid.IntRange(0, 3).Draw(t, "narrowing") {
		args = append(args, narrowing.Draw(t, "flag")...)
	}
	if rapid.Bool().Draw(t, "sampled") {
		args = append(args, "--sample", rapid.SampledFrom([]string{"1", "3", "50%"}).Draw(t, "sample"), "--sample-seed", "7")
	}
	return args
}

// muster instances lists exactly the instances that muster run selects with the same flags, including those that cannot run the
// script.
func TestInstancesListsTargetsOfRun(t *testing.T) {
	dir := t.TempDir()
	writeSettings(t, dir, "groups:\n  group: {instance: \"web-*\", tag: env=prod}\n")
	made := 0
	rapid.Check(t, func(rt *rapid.T) {
		made++
		machine, err := lab.New(lab.Options{Region: labRegion, Instances: selectionFleet(rt), Dir: fmt.Sprintf("%s/lab%d", dir, made)})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = machine.Close() }()
		server, err := lab.Start(t.Context(), machine, "127.0.0.1:0")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = server.Close() }()
		id, secret := machine.Key()
		env := map[string]string{
			"MUSTER_ENDPOINT": server.Endpoint(), "MUSTER_REGION": labRegion, "ALIBABA_CLOUD_ACCESS_KEY_ID": id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
			"HOME": dir, "XDG_CONFIG_HOME": dir, "XDG_STATE_HOME": dir, "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
		}
		setenv(t, env)
		call := func(args ...string) (ids []string, code int) {
			var stdout, stderr bytes.Buffer
			a := newApp(term.New(strings.NewReader(""), &stdout, &stderr, nil), os.Getenv)
			code = a.run(t.Context(), append([]string{"-o", "json"}, args...))
			var answer struct{ Instances []struct{ InstanceId string } }
			if stdout.Len() > 0 {
				if err := json.Unmarshal(stdout.Bytes(), &answer); err != nil {
					rt.Fatalf("%v: %s", err, stdout.String())
				}
			}
			for _, i := range answer.Instances {
				ids = append(ids, i.InstanceId)
			}
			rt.Logf("%q: %d, %v, %s", args, code, ids, stderr.String())
			return ids, code
		}
		flags := selectionArgs(rt)
		listed, code := call(append([]string{"instances"}, flags...)...)
		if code != exitDone {
			rt.Fatalf("exit code %d", code)
		}
		reached, code := call(append(append([]string{"run", "--no-journal"}, flags...), "--", "true")...)
		if code == exitUsage { // none of the instances can run it
			if ran := len(machine.Executions()); ran > 0 {
				rt.Fatalf("%d scripts ran", ran)
			}
			return
		}
		slices.Sort(listed)
		slices.Sort(reached)
		if !slices.Equal(listed, reached) {
			rt.Fatalf("listed %v, reached %v", listed, reached)
		}
	})
}

// writeSettings writes a config.yaml below a directory for settings.
func writeSettings(t *testing.T, dir, text string) {
	t.Helper()
	path := filepath.Join(dir, "muster", "config.yaml")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}
