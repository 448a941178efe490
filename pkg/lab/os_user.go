package lab

import (
	"fmt"
	"os"
	"os/user"
	"runtime"
	"strings"

	"muster/pkg/lab/runner"
)

// findOSUser returns the user that a script runs as, or nil for the lab's own user. Only root can run scripts as another user.
func findOSUser(name string, it *Instance) (*runner.OSUser, *failure) {
	if name == "" || runtime.GOOS == "windows" && strings.EqualFold(name, "System") {
		return nil, nil
	}
	wanted, err := user.Lookup(name)
	if err != nil {
		return nil, noAccount()
	}
	if it.before631() && !it.windows() && (wanted.Uid == "0" || wanted.Gid == "0") {
		return nil, invalid("AccountNotExists", "The specified account is not accepted: agents up to 2.2.3.578 refuse root and users of its group.")
	}
	own, err := user.Current()
	switch {
	case err == nil && own.Uid == wanted.Uid:
		return nil, nil
	case err != nil || os.Geteuid() != 0:
		return nil, invalid("AccountNotExists", "Unless root has started it, the lab runs scripts only as its own user, not as "+name+".")
	}
	as, err := runner.NewOSUser(wanted)
	if err != nil {
		return nil, broke(fmt.Errorf("look up the user %s: %w", name, err))
	}
	return as, nil
}
