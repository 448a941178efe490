package agents

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits of what is handed out.
const (
	maxContent  = 64 << 10 // bytes of a script or file
	maxPath     = 1024
	maxBuiltIns = 64
)

// FieldError reports a field of a [Task] or [File] that must not be handed out to a host.
type FieldError struct {
	Field  string // of Task or File
	Reason string // completes "Field …"
}

// Error returns the field with the reason.
func (e *FieldError) Error() string { return fmt.Sprintf("the field %s %s", e.Field, e.Reason) }

// fields collects the first error of a number of checks.
type fields struct{ err *FieldError }

func (f *fields) demand(valid bool, field, reason string) {
	if !valid && f.err == nil {
		f.err = &FieldError{field, reason}
	}
}

// Check returns an error for the first field that must not be handed out to a host with an OSType: linux, windows or freebsd. It is
// stricter than agents are, because some of them use fields as part of a path or of a shell's command line.
func (t Task) Check(osType string) *FieldError {
	windows := osType == "windows"
	var f fields
	f.err = t.checkStop()
	f.demand(t.CommandId == "" || wellFormedID(t.CommandId), "CommandId", notAnID)
	f.demand(t.Type == "RunShellScript" || t.Type == "RunBatScript" || t.Type == "RunPowerShellScript", "Type", "is unknown")
	f.demand(len(t.Content) > 0, "Content", "is empty")
	f.demand(len(t.Content) <= maxContent, "Content", "is too large")
	f.demand(t.Timeout >= time.Second, "Timeout", "is less than a second")
	f.demand(t.WorkingDir == "" || absolute(t.WorkingDir, windows), "WorkingDir", notAbsolute)
	f.demand(t.Username == "" || accountName(t.Username, windows), "Username", notAnAccount)
	f.demand(t.WindowsPasswordName == "" || made(t.WindowsPasswordName, "-_./", 255), "WindowsPasswordName", "is not the name of a parameter")
	f.demand(t.schedule(), "Schedule", "does not match Repeat")
	f.demand(t.builtIns(), "BuiltIn", "has a name or value that is not allowed")
	f.demand(t.ContainerId == "" || made(t.ContainerId, "-_.:/", 256), "ContainerId", "has characters that are not allowed")
	f.demand(t.ContainerName == "" || made(t.ContainerName, "-_.:/", 256), "ContainerName", "has characters that are not allowed")
	f.demand(t.TerminationMode == "" || t.TerminationMode == "Process" || t.TerminationMode == "ProcessTree", "TerminationMode", "is unknown")
	f.demand(printable(t.Launcher, 1024), "Launcher", "has characters that are not allowed")
	return f.err
}

const (
	notAnID      = "is not 1 to 64 letters, digits, - and _"
	notAbsolute  = "is not an absolute path without control characters and .."
	notAnAccount = "is not the name of an account"
)

// checkStop is Check for the fields of a stop.
func (t Task) checkStop() *FieldError {
	var f fields
	f.demand(wellFormedID(t.Id), "Id", notAnID)
	f.demand(t.Version >= 1, "Version", "is less than 1")
	f.demand(t.Repeat == Once || t.Repeat == Period || t.Repeat == Rate || t.Repeat == At, "Repeat", "is unknown")
	return f.err
}

func (t Task) schedule() bool {
	switch t.Repeat {
	case Once:
		return true
	case At:
		return !t.At.IsZero() && t.At.UTC().Year() <= 9999
	default:
		return t.Schedule != "" && printable(t.Schedule, 256)
	}
}

func (t Task) builtIns() bool {
	for name, value := range t.BuiltIn {
		if !made(name, "_", 64) || !printable(value, 4096) {
			return false
		}
	}
	return len(t.BuiltIn) <= maxBuiltIns
}

// Check returns an error for the first field that must not be handed out to a host with an OSType: linux, windows or freebsd.
func (file File) Check(osType string) *FieldError {
	windows := osType == "windows"
	var f fields
	f.demand(wellFormedID(file.Id), "Id", notAnID)
	f.demand(plainFileName(file.Name, windows), "Name", "is not the name of a file")
	f.demand(file.TargetDir == "" || absolute(file.TargetDir, windows), "TargetDir", notAbsolute)
	f.demand(len(file.Content) > 0, "Content", "is empty")
	f.demand(len(file.Content) <= maxContent, "Content", "is too large")
	f.demand(file.Owner == "" || accountName(file.Owner, windows), "Owner", notAnAccount)
	f.demand(file.Group == "" || accountName(file.Group, windows), "Group", notAnAccount)
	f.demand(file.Mode == "" || octal(file.Mode), "Mode", "is not three or four octal digits")
	f.demand(file.Timeout >= 0, "Timeout", "is negative")
	return f.err
}

func octal(mode string) bool {
	return (len(mode) == 3 || len(mode) == 4) && strings.Trim(mode, "01234567") == ""
}

// absolute reports whether a path is absolute and means the same to everyone: no control characters, no "..". On Windows it begins with
// a drive, because other forms can be names of devices or other hosts.
func absolute(path string, windows bool) bool {
	if !printable(path, maxPath) {
		return false
	}
	separators := "/"
	if windows {
		separators = `\/`
		if len(path) < 3 || !letter(path[0]) || path[1] != ':' || !strings.ContainsRune(separators, rune(path[2])) {
			return false
		}
		if path = path[2:]; strings.ContainsAny(path, `<>:"|?*`) {
			return false
		}
	} else if !strings.HasPrefix(path, "/") {
		return false
	}
	for element := range strings.FieldsFuncSeq(path, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if element == ".." {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return letterOrDigit(c) && (c < '0' || c > '9') }

// plainFileName reports whether a name is that of a file in a directory, and no path.
func plainFileName(name string, windows bool) bool {
	if name == "" || name == "." || name == ".." || !printable(name, 255) || strings.ContainsAny(name, `/\`) {
		return false
	}
	return !windows || !strings.ContainsAny(name, `<>:"|?*`)
}

// accountName reports whether a name is that of an account or group: on POSIX systems of the portable character set, and on Windows of
// letters, digits and a few more.
func accountName(name string, windows bool) bool {
	if !windows {
		return made(name, "._-", 255) && name[0] != '-' && strings.Trim(name, ".") != ""
	}
	return len(name) <= 255 && utf8.ValidString(name) && strings.TrimSpace(name) == name && strings.Trim(name, ".") != "" &&
		strings.IndexFunc(name, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" ._-$", r)
		}) < 0
}
