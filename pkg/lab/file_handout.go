package lab

import (
	"fmt"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

// fileHandout is a file for an enrolled host, until its agent has reported its end, or the lab waits no longer for that. The lock of
// its host guards it.
type fileHandout struct {
	*sentFile
	store    *fileStore
	ref      taskRef
	enrolled *enrolledHost

	handed bool
	timer  hostTimer
}

// send adds a file for the agent, which the store has already.
func (e *enrolledHost) send(s *fileStore, sent *sentFile, ref taskRef) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.left {
		return
	}
	f := &fileHandout{sentFile: sent, store: s, ref: ref, enrolled: e}
	e.files[sent.InvokeId] = f
	f.arm(min(e.agents.patience, sent.Timeout))
	e.notify()
}

// resumeFile continues a file after a restart of the lab. One that was handed out is not handed out again.
func (e *enrolledHost) resumeFile(s *fileStore, sent *sentFile, ref taskRef, t *task) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f := &fileHandout{sentFile: sent, store: s, ref: ref, enrolled: e, handed: t.Status != assist.StatusPending}
	e.files[sent.InvokeId] = f
	f.arm(reportGrace)
}

// hand hands the file to the agent, once. It reports false if it was handed out before, or fails instead.
func (f *fileHandout) hand() (protocol.File, bool) {
	if f.handed {
		return protocol.File{}, false
	}
	file := protocol.File{
		Id: f.InvokeId, Name: f.Name, TargetDir: f.TargetDir, Content: f.Content, Owner: f.FileOwner, Group: f.FileGroup, Mode: f.FileMode,
		Overwrite: f.Overwrite, Timeout: f.Timeout,
	}
	if err := file.Check(f.enrolled.host.get().OSType); err != nil {
		f.settle(invalidFile(err))
		return protocol.File{}, false
	}
	f.handed = true
	f.store.change(f.ref, func(t *task) { t.Status, t.Started = assist.StatusRunning, time.Now() })
	f.arm(f.Timeout + reportGrace)
	return file, true
}

// invalidFile returns the failure of a file that may not leave the lab.
func invalidFile(err *protocol.FieldError) *failure {
	switch err.Field {
	case "Content":
		return emptyFile()
	case "Name":
		return badFileName()
	case "TargetDir":
		return badFilePath()
	case "Owner":
		return noAccount()
	case "Group":
		return noGroup()
	default:
		return badFileMode()
	}
}

// report notes the end of the file.
func (f *fileHandout) report(r protocol.Report) {
	switch {
	case r.Kind == protocol.Invalid:
		f.settle(invalidFileParam(r.Param))
	case r.FileWritten:
		f.settle(nil)
	default:
		f.settle(fileCreateFailed(fmt.Errorf("the agent could not %s", fileStep(r.FileError))))
	}
}

// fileStep returns what an agent was doing when a file failed.
func fileStep(code int) string {
	switch code {
	case 2:
		return "change its owner"
	case 3:
		return "change its mode"
	case 4:
		return "make its directory"
	default:
		return "create it"
	}
}

// invalidFileParam returns the failure of a file that its agent refuses because of a parameter.
func invalidFileParam(param string) *failure {
	switch param {
	case "FileExist":
		return fileExists()
	case "FileNameInvalid":
		return badFileName()
	case "InvalidFileMode":
		return badFileMode()
	case "FileOwnerNotExist":
		return noAccount()
	case "FileGroupNotExist":
		return noGroup()
	default:
		return invalid("FileContentInvalid", "The agent refuses the file.")
	}
}

// settle ends the file: with success, if there is no failure.
func (f *fileHandout) settle(why *failure) {
	f.timer.stop()
	delete(f.enrolled.files, f.InvokeId)
	f.store.change(f.ref, func(t *task) {
		t.Status = assist.StatusSuccess
		if why != nil {
			why.put(t)
		}
		if !t.Started.IsZero() {
			t.Finished = time.Now()
		}
	})
}

// arm ends the file after some time: as not delivered, or as not reported.
func (f *fileHandout) arm(wait time.Duration) {
	f.timer.set(f.enrolled, wait, func() {
		if f.handed {
			f.settle(noResponse())
		} else {
			f.settle(notDelivered())
		}
	})
}
