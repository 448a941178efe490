package journal

import (
	"fmt"
	"os"
)

// stopRequest is the file beside a journal that asks the process that writes it to stop the run.
func stopRequest(path string) string { return path + ".stop" }

// RequestStop asks the process that is at a run to send nothing more, and to stop what it has sent.
func (d Dir) RequestStop(id string) error {
	file, err := os.OpenFile(stopRequest(d.file(id)), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return fmt.Errorf("ask the process at run %s to stop it: %w", id, err)
	}
	return nil
}

// StopRequested reports whether somebody has asked for the run to be stopped since this process has had it.
func (j *Journal) StopRequested() bool {
	_, err := os.Stat(stopRequest(j.path))
	return err == nil
}
