package runner

import (
	"io"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// OSUser is a user of this machine other than the lab's own.
type OSUser struct {
	Name, Home string
	uid, gid   uint32
	groups     []uint32 // all of them
}

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

// start is where its scripts begin if they are told nothing else: its home on this machine, if it has one.
func (as *OSUser) StartDir() string {
	if info, err := os.Stat(as.Home); err == nil && info.IsDir() && filepath.IsAbs(as.Home) {
		return as.Home
	}
	return string(filepath.Separator)
}

// environment is what it is given of the lab's, which may hold secrets of root's.
func (as *OSUser) environment(labs, mark []string) []string {
	env := slices.DeleteFunc(slices.Clone(labs), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return !slices.Contains([]string{"PATH", "LANG", "LANGUAGE", "TZ", "TERM"}, name) && !strings.HasPrefix(name, "LC_")
	})
	return append(append(env, mark...), "USER="+as.Name, "LOGNAME="+as.Name)
}

// own has it open a script's output again by name, as /dev/stderr, where the system lets a pipe change hands.
func (as *OSUser) own(output io.Writer) {
	if f, ok := output.(*os.File); ok && as != nil {
		_ = f.Chown(int(as.uid), int(as.gid))
	}
}
