//go:build unix

package lab

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// temporaryPlace makes a temporary directory the one that labs use.
func temporaryPlace(t *testing.T) string {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return dir
}

// abandon makes a directory, with files in it, of a lab that was killed: the system has released its lock.
func abandon(t *testing.T) *TemporaryDir {
	t.Helper()
	d, err := MakeTemporaryDir()
	if err != nil {
		t.Fatal(err)
	}
	leaveFiles(t, d.Path)
	if err := d.lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	return d
}

func leaveFiles(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "instances", "i-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "instances", "i-1", "t-1.sh"), []byte("echo secret"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// plant makes a directory that may be taken for an abandoned one.
func plant(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	leaveFiles(t, path)
	if err := os.WriteFile(filepath.Join(path, lockName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRemoveAbandoned(t *testing.T) {
	dir, outside := temporaryPlace(t), filepath.Join(t.TempDir(), temporaryPrefix+"1")
	plant(t, outside)
	at := func(name string) string { return filepath.Join(dir, name) }
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	stays := map[string]func(path string){
		"muster-lab-":    func(path string) { plant(t, path) },
		"muster-lab-1a":  func(path string) { plant(t, path) },
		"muster-labs-10": func(path string) { plant(t, path) },
		"muster-lab-11":  func(path string) { check(os.Symlink(outside, path)) },
		"muster-lab-12":  func(path string) { check(os.WriteFile(path, nil, 0o600)) },
		"muster-lab-13":  func(path string) { plant(t, path); check(os.Chmod(path, 0o755)) },
		"muster-lab-14":  func(path string) { plant(t, path); check(os.Remove(filepath.Join(path, lockName))) },
		"muster-lab-15": func(path string) {
			plant(t, path)
			check(os.Remove(filepath.Join(path, lockName)))
			check(os.Symlink(filepath.Join(outside, lockName), filepath.Join(path, lockName)))
		},
	}
	if os.Geteuid() == 0 {
		stays["muster-lab-16"] = func(path string) { plant(t, path); check(os.Chown(path, 12345, 0)) }
	}
	for name, make := range stays {
		make(at(name))
	}
	used, err := MakeTemporaryDir()
	check(err)
	gone, others := abandon(t), abandon(t)
	check(os.Symlink(outside, filepath.Join(gone.Path, "link")))
	check(os.Chmod(others.Path, sharedDirMode))

	RemoveAbandoned()
	for _, d := range []*TemporaryDir{gone, others} {
		if _, err := os.Lstat(d.Path); !os.IsNotExist(err) {
			t.Errorf("an abandoned directory: %v", err)
		}
	}
	for name := range stays {
		if _, err := os.Lstat(at(name)); err != nil {
			t.Errorf("%s is not a lab's: %v", name, err)
		}
	}
	for _, path := range []string{outside, at("muster-lab-13"), at("muster-lab-15")} {
		if _, err := os.Stat(filepath.Join(path, "instances", "i-1", "t-1.sh")); err != nil {
			t.Errorf("a file that is not a lab's: %v", err)
		}
	}
	if _, err := os.Stat(used.Path); err != nil {
		t.Errorf("a directory in use: %v", err)
	}
	check(used.Remove())
	if _, err := os.Lstat(used.Path); !os.IsNotExist(err) {
		t.Errorf("a directory that was removed: %v", err)
	}
}

func TestRemoveAbandonedRemovesSomeAtATime(t *testing.T) {
	dir := temporaryPlace(t)
	for range maxRemovals + 2 {
		abandon(t)
	}
	for _, want := range []int{2, 0} {
		RemoveAbandoned()
		if left, err := os.ReadDir(dir); err != nil || len(left) != want {
			t.Fatalf("%d are left, want %d: %v", len(left), want, err)
		}
	}
}

// TestRemoveAbandonedLeavesNewOnes makes directories while others are looking for abandoned ones.
func TestRemoveAbandonedLeavesNewOnes(t *testing.T) {
	temporaryPlace(t)
	made := make(chan struct{})
	var makers, removers sync.WaitGroup
	for range 4 {
		removers.Go(func() {
			for {
				select {
				case <-made:
					return
				default:
					RemoveAbandoned()
				}
			}
		})
		makers.Go(func() {
			for range 50 {
				d, err := MakeTemporaryDir()
				if err != nil {
					t.Error(err)
					return
				}
				file := filepath.Join(d.Path, "file")
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					t.Error(err)
				}
				if names, err := os.ReadDir(d.Path); err != nil || len(names) != 2 {
					t.Errorf("in a new directory: %v, %v", names, err)
				}
				if err := d.Remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	makers.Wait()
	close(made)
	removers.Wait()
}

// TestTemporaryDirIsRemovedOnce puts something else where the directory was.
func TestTemporaryDirIsRemovedOnce(t *testing.T) {
	temporaryPlace(t)
	d, err := MakeTemporaryDir()
	if err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside")
	plant(t, outside)
	for range 2 {
		if err := d.Remove(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(d.Path); os.IsNotExist(err) {
			if err := os.Symlink(outside, d.Path); err != nil {
				t.Fatal(err)
			}
		}
	}
	names, err := os.ReadDir(outside)
	if err != nil || !slices.ContainsFunc(names, func(e os.DirEntry) bool { return e.Name() == "instances" }) {
		t.Errorf("%v, %v", names, err)
	}
}
