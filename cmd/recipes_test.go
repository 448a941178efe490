//go:build unix

package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
	"muster/pkg/lab"
)

// TestRecipes runs the shell code of docs/recipes.md, and the steps of its CI jobs, against a lab.
func TestRecipes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "recipes.md"))
	if err != nil {
		t.Fatal(err)
	}
	env, dir := recipeLab(t)
	sections := strings.Split(string(text), "\n## ")[1:]
	if len(sections) < 7 {
		t.Fatalf("%d recipes", len(sections))
	}
	for _, section := range sections { // in order: some continue the work of others
		title, body, _ := strings.Cut(section, "\n")
		for _, script := range scriptsOf(t, body) {
			command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
			command.Dir, command.Env = dir, env
			if output, err := command.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s\n%s", title, err, script, output)
			}
		}
	}
	for name, want := range map[string]string{
		"facts.csv": "InstanceId,", "space.csv": `"web-001"`, "muster.xml": "<testsuite ", "summary.md": "| INSTANCE |",
	} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s has no %s: %v\n%s", name, want, err, text)
		}
	}
}

// scriptsOf returns the shell blocks of a recipe, and the steps of its jobs.
func scriptsOf(t *testing.T, body string) []string {
	t.Helper()
	var scripts []string
	for _, block := range regexp.MustCompile("(?ms)^```(sh|yaml)\n(.*?)^```$").FindAllStringSubmatch(body, -1) {
		if block[1] == "sh" {
			scripts = append(scripts, block[2])
			continue
		}
		var job any
		if err := yaml.Unmarshal([]byte(block[2]), &job); err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, stepsOf(job)...)
	}
	return scripts
}

// stepsOf returns GitHub's run: and GitLab's script: steps of a job.
func stepsOf(value any) []string {
	var steps []string
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			steps = append(steps, stepsOf(item)...)
		}
	case map[string]any:
		for _, key := range []string{"jobs", "deploy", "steps"} {
			steps = append(steps, stepsOf(value[key])...)
		}
		if run, ok := value["run"].(string); ok {
			steps = append(steps, run)
		}
		if lines, ok := value["script"].([]any); ok {
			for _, line := range lines {
				steps = append(steps, fmt.Sprint(line))
			}
		}
	}
	return steps
}

// recipeLab starts a lab with the fleet of the recipes, and returns the environment for it.
func recipeLab(t *testing.T) (env []string, dir string) {
	t.Helper()
	instances := lab.NumberedInstances(12)
	for i := range instances {
		role, number := "web", i+1
		if i >= 8 {
			role, number = "db", i-7
		}
		instances[i].InstanceName = fmt.Sprintf("%s-%03d", role, number)
		instances[i].Tags.Tag = []assist.TagPair{{TagKey: "env", TagValue: "prod"}, {TagKey: "role", TagValue: role}}
	}
	machine, err := lab.New(lab.Options{Region: labRegion, Instances: instances, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server, err := lab.Start(t.Context(), machine, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = server.Close(), machine.Close() })
	dir = t.TempDir()
	id, secret := machine.Key()
	return append(os.Environ(), "HOME="+dir, "XDG_STATE_HOME=", "XDG_CONFIG_HOME=", "NO_COLOR=1",
		"GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary.md"), "ALIBABA_CLOUD_ENDPOINT="+server.Endpoint(),
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+secret, "ALIBABA_CLOUD_REGION_ID="+labRegion), dir
}
