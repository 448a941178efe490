package agents

import (
	"strings"
	"testing"
	"time"
)

func TestCheckTask(t *testing.T) {
	good := func() Task { return script("t-1_A", "echo hello") }
	for _, c := range []struct {
		name   string
		change func(*Task)
		os     string
		want   string // the field
	}{
		{"good", func(*Task) {}, "linux", ""},
		{"no id", func(t *Task) { t.Id = "" }, "linux", "Id"},
		{"path as id", func(t *Task) { t.Id = "../t" }, "linux", "Id"},
		{"long id", func(t *Task) { t.Id = strings.Repeat("t", 65) }, "linux", "Id"},
		{"version", func(t *Task) { t.Version = 0 }, "linux", "Version"},
		{"command id", func(t *Task) { t.CommandId = "c 1" }, "linux", "CommandId"},
		{"type", func(t *Task) { t.Type = "RunPythonScript" }, "linux", "Type"},
		{"empty content", func(t *Task) { t.Content = nil }, "linux", "Content"},
		{"large content", func(t *Task) { t.Content = make([]byte, 1<<20) }, "linux", "Content"},
		{"no timeout", func(t *Task) { t.Timeout = 0 }, "linux", "Timeout"},
		{"directory", func(t *Task) { t.WorkingDir = "/var/lib/数据 a" }, "linux", ""},
		{"relative directory", func(t *Task) { t.WorkingDir = "var" }, "linux", "WorkingDir"},
		{"parent directory", func(t *Task) { t.WorkingDir = "/var/../etc" }, "linux", "WorkingDir"},
		{"parent at the end", func(t *Task) { t.WorkingDir = "/var/.." }, "linux", "WorkingDir"},
		{"dots in a name", func(t *Task) { t.WorkingDir = "/var/..a/b.." }, "linux", ""},
		{"control character", func(t *Task) { t.WorkingDir = "/var\n" }, "linux", "WorkingDir"},
		{"not UTF-8", func(t *Task) { t.WorkingDir = "/var\xff" }, "linux", "WorkingDir"},
		{"drive on Linux", func(t *Task) { t.WorkingDir = `C:\x` }, "linux", "WorkingDir"},
		{"drive", func(t *Task) { t.WorkingDir = `C:\Program Files\x` }, "windows", ""},
		{"drive with slashes", func(t *Task) { t.WorkingDir = `d:/x` }, "windows", ""},
		{"drive without root", func(t *Task) { t.WorkingDir = `C:x` }, "windows", "WorkingDir"},
		{"parent on Windows", func(t *Task) { t.WorkingDir = `C:\x\..\y` }, "windows", "WorkingDir"},
		{"stream on Windows", func(t *Task) { t.WorkingDir = `C:\x:y` }, "windows", "WorkingDir"},
		{"another host", func(t *Task) { t.WorkingDir = `\\host\share` }, "windows", "WorkingDir"},
		{"device", func(t *Task) { t.WorkingDir = `\\.\C:\x` }, "windows", "WorkingDir"},
		{"user", func(t *Task) { t.Username = "www-data.1_2" }, "linux", ""},
		{"user with command", func(t *Task) { t.Username = "x;reboot" }, "linux", "Username"},
		{"user as flag", func(t *Task) { t.Username = "-u" }, "linux", "Username"},
		{"user of dots", func(t *Task) { t.Username = ".." }, "linux", "Username"},
		{"user with space", func(t *Task) { t.Username = "a b" }, "linux", "Username"},
		{"user with space on Windows", func(t *Task) { t.Username = "Jürgen 1" }, "windows", ""},
		{"domain", func(t *Task) { t.Username = `d\u` }, "windows", "Username"},
		{"password", func(t *Task) { t.WindowsPasswordName = "axt/pass_1" }, "windows", ""},
		{"password with space", func(t *Task) { t.WindowsPasswordName = "a b" }, "windows", "WindowsPasswordName"},
		{"repeat", func(t *Task) { t.Repeat = "EveryReboot" }, "linux", "Repeat"},
		{"no cron", func(t *Task) { t.Repeat = Period }, "linux", "Schedule"},
		{"cron", func(t *Task) { t.Repeat, t.Schedule = Period, "0 0 8 * * ? Asia/Shanghai" }, "linux", ""},
		{"cron with control character", func(t *Task) { t.Repeat, t.Schedule = Period, "0 0 8 * * ?\n" }, "linux", "Schedule"},
		{"no time", func(t *Task) { t.Repeat = At }, "linux", "Schedule"},
		{"time", func(t *Task) { t.Repeat, t.At = At, time.Now() }, "linux", ""},
		{"parameter", func(t *Task) { t.BuiltIn = map[string]string{"RegionId": "cn-hangzhou", "InstanceName": "数据库 1"} }, "linux", ""},
		{"parameter with control character", func(t *Task) { t.BuiltIn = map[string]string{"RegionId": "a\nb"} }, "linux", "BuiltIn"},
		{"name of a parameter", func(t *Task) { t.BuiltIn = map[string]string{"Region Id": "a"} }, "linux", "BuiltIn"},
		{"container", func(t *Task) { t.ContainerId, t.ContainerName = "docker://ab12", "web-1" }, "linux", ""},
		{"container with command", func(t *Task) { t.ContainerId = "a$(b)" }, "linux", "ContainerId"},
		{"name of a container", func(t *Task) { t.ContainerName = "a b" }, "linux", "ContainerName"},
		{"termination", func(t *Task) { t.TerminationMode = "ProcessTree" }, "linux", ""},
		{"unknown termination", func(t *Task) { t.TerminationMode = "Tree" }, "linux", "TerminationMode"},
		{"launcher", func(t *Task) { t.Launcher = `python3 -u {{ACS::ScriptFileName|Ext(".py")}}` }, "linux", ""},
		{"launcher with control character", func(t *Task) { t.Launcher = "python3\t" }, "linux", "Launcher"},
	} {
		task := good()
		c.change(&task)
		got := ""
		if err := task.Check(c.os); err != nil {
			got = err.Field
		}
		if got != c.want {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
}

func TestCheckFile(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*File)
		os     string
		want   string
	}{
		{"good", func(*File) {}, "linux", ""},
		{"id", func(f *File) { f.Id = "f 1" }, "linux", "Id"},
		{"space and letters", func(f *File) { f.Name = "数据 1.txt" }, "linux", ""},
		{"path", func(f *File) { f.Name = "a/b" }, "linux", "Name"},
		{"path of Windows", func(f *File) { f.Name = `a\b` }, "linux", "Name"},
		{"empty name", func(f *File) { f.Name = "" }, "linux", "Name"},
		{"parent", func(f *File) { f.Name = ".." }, "linux", "Name"},
		{"control character", func(f *File) { f.Name = "a\x00" }, "linux", "Name"},
		{"long name", func(f *File) { f.Name = strings.Repeat("a", 256) }, "linux", "Name"},
		{"stream", func(f *File) { f.Name = "a:b" }, "windows", "Name"},
		{"colon", func(f *File) { f.Name = "a:b" }, "linux", ""},
		{"no directory", func(f *File) { f.TargetDir = "" }, "linux", ""},
		{"relative directory", func(f *File) { f.TargetDir = "etc" }, "linux", "TargetDir"},
		{"parent directory", func(f *File) { f.TargetDir = "/a/../etc" }, "linux", "TargetDir"},
		{"directory of Windows", func(f *File) { f.TargetDir = `C:\a` }, "windows", ""},
		{"empty content", func(f *File) { f.Content = nil }, "linux", "Content"},
		{"large content", func(f *File) { f.Content = make([]byte, 1<<20) }, "linux", "Content"},
		{"owner", func(f *File) { f.Owner = "a b" }, "linux", "Owner"},
		{"group", func(f *File) { f.Group = "a:b" }, "linux", "Group"},
		{"mode", func(f *File) { f.Mode = "0755" }, "linux", ""},
		{"short mode", func(f *File) { f.Mode = "55" }, "linux", "Mode"},
		{"mode of letters", func(f *File) { f.Mode = "u+x" }, "linux", "Mode"},
		{"mode with 8", func(f *File) { f.Mode = "0788" }, "linux", "Mode"},
		{"timeout", func(f *File) { f.Timeout = -1 }, "linux", "Timeout"},
	} {
		file := File{Id: "f-1", Name: "a.txt", TargetDir: "/etc", Content: []byte("x"), Mode: "644", Owner: "www-data", Group: "www-data"}
		c.change(&file)
		got := ""
		if err := file.Check(c.os); err != nil {
			got = err.Field
		}
		if got != c.want {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
}
