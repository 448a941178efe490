package runner

import (
	"slices"
	"strings"
	"testing"
)

func TestParseLauncher(t *testing.T) {
	const path = "/a b/s.sh"
	for text, want := range map[string][]string{
		"":               nil,
		"  ":             nil,
		"python3":        {"python3", path},
		" python3\t-u\n": {"python3", "-u", path},
		`python3 -u {{ACS::ScriptFileName|Ext(".py")}}`: {"python3", "-u", path},
		`python3 "{{ACS::ScriptFileName|Ext(.py)}}" -v`: {"python3", `"` + path + `"`, "-v"},
		`x {{ ACS::ScriptFileName | Ext( .py ) }}`:      {"x", path},
		`x --file={{ACS::ScriptFileName}} y`:            {"x", "--file=" + path, "y"},
		`sh -c 'echo "a  b"' "it's" ''`:                 {"sh", "-c", `'echo "a  b"'`, `"it's"`, "''", path},
		`a\b $HOME | ; ''x""`:                           {`a\b`, "$HOME", "|", ";", `''x""`, path},
		`env X="a b" sh`:                                {"env", `X="a b"`, "sh", path},
	} {
		l, err := ParseLauncher(text)
		if got := l.Command("RunShellScript", path); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{
		`sh 'x`, `sh "x`, "a\x00b", `{{ACS::ScriptFileName}} {{ACS::ScriptFileName}}`, `x {{ACS::ScriptFileName|Ext("../x")}}`,
		`x {{ACS::ScriptFileName|Ext(".py)}}`, `x {{ACS::ScriptFileName|Upper}}`,
		`x {{name}}`, `x {{ACS::InstanceId}}`, `x {{acs::ScriptFileName}}`, `x {{}}`, "@plugin", " @plugin -x",
	} {
		if l, err := ParseLauncher(text); err == nil {
			t.Errorf("%s: %q, want an error", text, l.words)
		}
	}
}

func TestLauncherDefaults(t *testing.T) {
	for commandType, want := range map[string]string{
		"RunShellScript": ".sh ", "RunBatScript": ".bat s", "RunPowerShellScript": ".ps1 powershell -File s",
	} {
		l, err := ParseLauncher("")
		if got := l.Extension(commandType) + " " + strings.Join(l.Command(commandType, "s"), " "); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", commandType, got, err, want)
		}
	}
	for text, want := range map[string]string{
		`x {{ACS::ScriptFileName|Ext(".py")}}`: ".py", `x {{ACS::ScriptFileName|Ext(.py)}}`: ".py", `x {{ACS::ScriptFileName|Ext(py)}}`: "py",
		`x {{ACS::ScriptFileName}}`: "", `x`: "",
	} {
		l, err := ParseLauncher(text)
		if got := l.Extension("RunShellScript"); err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}

func FuzzParseLauncher(f *testing.F) {
	f.Add(`python3 -u {{ACS::ScriptFileName|Ext(".py")}} 'a b'`)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLauncher(text)
		if err != nil || l.words == nil {
			return
		}
		if n := strings.Count(strings.Join(l.words, " "), pathMark); n != 1 {
			t.Errorf("%q names the file %d times", l.words, n)
		}
		if strings.ContainsAny(l.ext, "/\\") {
			t.Errorf("extension %q", l.ext)
		}
	})
}
