package lab

import (
	"cmp"
	"os"
)

// TemporaryDir makes a directory for a lab that does not last: in memory where the machine has a place for that, because
// a thousand instances are thousands of small files, and making those on a disk takes longer than running their scripts.
func TemporaryDir() (string, error) {
	if os.Getenv("TMPDIR") == "" {
		if dir, err := os.MkdirTemp(cmp.Or(memoryDir(), os.TempDir()), "muster-lab-"); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", "muster-lab-")
}
