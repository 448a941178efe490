package runner

import (
	"io"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// OSUser is a user of this machine other than the lab's own.
type OSUser struct {
	Name, Home string
	uid, gid   uint32
	groups     []uint32 // all of its groups
}

// NewOSUser returns the OSUser for u, with all its groups. It fails if ids are not numbers, as on Windows.
func NewOSUser(u *user.User) (*OSUser, error) {
	texts, err := u.GroupIds()
	if err != nil {
		return nil, err
	}
	var ids []uint32
	for _, text := range append([]string{u.Uid, u.Gid}, texts...) {
		id, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return nil, err
		}
		ids = append(ids, uint32(id))
	}
	return &OSUser{Name: u.Username, Home: u.HomeDir, uid: ids[0], gid: ids[1], groups: ids[2:]}, nil
}

// environment returns the environment of the user's scripts: the mark and a few variables of the lab's own environment, which
// may contain secrets of root.
func (u *OSUser) environment(labEnv, mark []string) []string {
	env := slices.DeleteFunc(slices.Clone(labEnv), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return !slices.Contains([]string{"PATH", "LANG", "LANGUAGE", "TZ", "TERM"}, name) && !strings.HasPrefix(name, "LC_")
	})
	return append(append(env, mark...), "USER="+u.Name, "LOGNAME="+u.Name)
}

// chownPipe makes the user the owner of the output pipe if the system allows that, so that its scripts can reopen the pipe as
// /dev/stderr. A nil user changes nothing.
func (u *OSUser) chownPipe(output io.Writer) {
	if f, ok := output.(*os.File); ok && u != nil {
		_ = f.Chown(int(u.uid), int(u.gid))
	}
}
