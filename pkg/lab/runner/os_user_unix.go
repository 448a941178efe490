//go:build unix

package runner

import "syscall"

// setCredential makes the process run as the user. A nil user leaves it the lab's own user.
func (u *OSUser) setCredential(attributes *syscall.SysProcAttr) {
	if u != nil {
		attributes.Credential = &syscall.Credential{Uid: u.uid, Gid: u.gid, Groups: u.groups}
	}
}
