package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// account is a user of this machine other than the lab's own.
type account struct {
	name, home string
	uid, gid   uint32
	groups     []uint32 // all of them
}

// accountOf finds who is to run a script; nil is the lab's own user. Only root can run one as somebody else.
func accountOf(name string) (*account, *fault) {
	if name == "" || runtime.GOOS == "windows" && strings.EqualFold(name, "System") {
		return nil, nil
	}
	wanted, err := user.Lookup(name)
	if err != nil {
		return nil, invalid("AccountNotExists", "The specified account does not exist.")
	}
	own, err := user.Current()
	switch {
	case err == nil && own.Uid == wanted.Uid:
		return nil, nil
	case err != nil || os.Geteuid() != 0:
		return nil, invalid("AccountNotExists", "A lab that is not root's runs scripts as its own user only, not as "+name+".")
	}
	as, err := newAccount(wanted)
	if err != nil {
		return nil, broke(fmt.Errorf("look up the user %s: %w", name, err))
	}
	return as, nil
}

func newAccount(u *user.User) (*account, error) {
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
	return &account{name: u.Username, home: u.HomeDir, uid: ids[0], gid: ids[1], groups: ids[2:]}, nil
}

// start is where its scripts begin if they are told nothing else: its home on this machine, if it has one.
func (as *account) start() string {
	if info, err := os.Stat(as.home); err == nil && info.IsDir() && filepath.IsAbs(as.home) {
		return as.home
	}
	return string(filepath.Separator)
}

// environment is what it is given of the lab's, which may hold secrets of root's.
func (as *account) environment(labs, mark []string) []string {
	env := slices.DeleteFunc(slices.Clone(labs), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return !slices.Contains([]string{"PATH", "LANG", "LANGUAGE", "TZ", "TERM"}, name) && !strings.HasPrefix(name, "LC_")
	})
	return append(append(env, mark...), "USER="+as.name, "LOGNAME="+as.name)
}

// own has it open a script's output again by name, as /dev/stderr, where the system lets a pipe change hands.
func (as *account) own(output io.Writer) {
	if f, ok := output.(*os.File); ok && as != nil {
		_ = f.Chown(int(as.uid), int(as.gid))
	}
}

// othersDir is for the scripts of other users, who cannot enter the lab's own directories. It is there when it is needed.
// Nobody can list it, and everybody can enter it.
type othersDir struct {
	mu  sync.Mutex
	dir *TemporaryDir
}

const modeOfOthers = 0o711

// othersPlace is where it is made.
func othersPlace() string { return openToAll(os.TempDir(), "/tmp", "/var/tmp") }

func (d *othersDir) path(name string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dir == nil {
		dir, err := makeTemporaryDir(othersPlace())
		if err != nil {
			return "", err
		}
		if err := os.Chmod(dir.Path, modeOfOthers); err != nil {
			return "", errors.Join(err, dir.Remove())
		}
		d.dir = dir
	}
	return filepath.Join(d.dir.Path, name), nil
}

// openToAll gives the first of some directories that everybody can enter, or else the first: root's own temporary one may
// be closed.
func openToAll(dirs ...string) string {
	for _, dir := range dirs {
		if enterable(dir) {
			return dir
		}
	}
	return dirs[0]
}

func enterable(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() || info.Mode()&0o001 == 0 {
		return false
	}
	above := filepath.Dir(dir)
	return above == dir || enterable(above)
}

func (d *othersDir) remove() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dir != nil {
		_ = d.dir.Remove() // no script is left that could need it
		d.dir = nil
	}
}
