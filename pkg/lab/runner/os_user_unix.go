//go:build unix

package runner

import "syscall"

// become has a process be the account's; that of no account stays the lab's own.
func (as *OSUser) become(attributes *syscall.SysProcAttr) {
	if as != nil {
		attributes.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid, Groups: as.groups}
	}
}
