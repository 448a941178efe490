package lab

import (
	"fmt"
	"time"

	"muster/pkg/assist"
)

// failure is the reason why a task ends without an exit code of its script.
type failure struct {
	status assist.Status
	code   string
	info   string
}

func notRunning() *failure {
	return &failure{assist.StatusAborted, "InstanceNotRunning", "The specified instance is not running."}
}

func notDelivered() *failure {
	return &failure{assist.StatusAborted, "DeliveryTimeout", "The command delivery has been timeout."}
}

// noResponse is the failure of a task that was handed out, and of which its agent has reported nothing.
func noResponse() *failure {
	return &failure{assist.StatusAborted, "ClientNotResponse", "The cloud assistant client on the instance does not respond."}
}

// noEnd is the failure of a task that has started, and whose end its agent does not report.
func noEnd() *failure {
	return &failure{assist.StatusError, "ClientNotResponse", "The command was started, and the cloud assistant client on the instance does not report its end."}
}

func tooManyTasks() *failure {
	return &failure{assist.StatusAborted, "TaskConcurrencyLimit", "Too many tasks are being executed on the instance."}
}

// released is the failure of a task that was running on an instance that was deregistered.
func released() *failure {
	return &failure{assist.StatusError, "InstanceReleased", "The specified instance was released during task execution."}
}

// noSuchHost is the failure of a task that was waiting for an instance that was deregistered.
func noSuchHost() *failure {
	return &failure{assist.StatusAborted, "InstanceNotExists", "The specified instance does not exist."}
}

func interrupted() *failure {
	return &failure{assist.StatusError, "ExecutionInterrupted", "The command execution has been interrupted."}
}

func neverFires() *failure {
	return invalid("BadCronExpression", "The specified frequency never fires.")
}

func noAccount() *failure {
	return invalid("AccountNotExists", "The specified account does not exist.")
}

func noDirectory() *failure {
	return invalid("DirectoryNotExists", "The specified directory does not exist.")
}

func emptyFile() *failure { return invalid("FileContentInvalid", "File content is empty.") }

func badFileName() *failure { return invalid("FileNameInvalid", "File name is invalid.") }

func badFilePath() *failure { return invalid("FilePathInvalid", "File path is invalid.") }

func badFileMode() *failure {
	return invalid("FileAuthorityInvalid", "The authority of file is invalid.")
}

func fileExists() *failure { return invalid("FileAlreadyExists", "File already exists.") }

func noGroup() *failure { return invalid("UserGroupNotExists", "Group not exists.") }

func invalid(code, info string) *failure { return &failure{assist.StatusInvalid, code, info} }

func broke(err error) *failure {
	return &failure{assist.StatusError, "ExecutionException", fmt.Sprintf("The command execution got an exception: %v.", err)}
}

// put ends a task with the failure. A status that implies a run gets an exit code and a start.
func (f *failure) put(t *task) {
	t.Status, t.ErrorCode, t.ErrorInfo = f.status, f.code, f.info
	if f.status == assist.StatusFailed || f.status == assist.StatusTimeout {
		t.ExitCode = 1
		if t.Started.IsZero() {
			t.Started, t.Repeats = time.Now(), max(t.Repeats, 1)
		}
	}
}
