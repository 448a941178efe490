//go:build unix

package lab

import "syscall"

// become has a process be the account's; that of no account stays the lab's own.
func (as *account) become(attributes *syscall.SysProcAttr) {
	if as != nil {
		attributes.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid, Groups: as.groups}
	}
}
