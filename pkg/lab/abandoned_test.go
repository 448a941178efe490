//go:build unix

package lab

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// setTemporaryParent makes labs create their temporary directories in a new directory, and returns it.
func setTemporaryParent(t *testing.T) string {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return dir
}

// abandon creates a directory with files like that of a lab that was killed: its lock is released.
func abandon(t *testing.T) *TemporaryDir {
	t.Helper()
	d, err := MakeTemporaryDir()
	if err != nil {
		t.Fatal(err)
	}
	createFiles(t, d.Path)
	if err := d.lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	return d
}

func createFiles(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "instances", "i-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "instances", "i-1", "t-1.sh"), []byte("echo secret"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// createLookalike creates a directory with files and a lock file, like an abandoned one.
func createLookalike(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	createFiles(t, path)
	if err := os.WriteFile(filepath.Join(path, lockName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRemoveAbandoned(t *testing.T) {
	dir, outside := setTemporaryParent(t), filepath.Join(t.TempDir(), temporaryPrefix+"1")
	createLookalike(t, outside)
	at := func(name string) string { return filepath.Join(dir, name) }
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	kept := map[string]func(path string){
		"muster-lab-":    func(path string) { createLookalike(t, path) },
		"muster-lab-1a":  func(path string) { createLookalike(t, path) },
		"muster-labs-10": func(path string) { createLookalike(t, path) },
		"muster-lab-11":  func(path string) { check(os.Symlink(outside, path)) },
		"muster-lab-12":  func(path string) { check(os.WriteFile(path, nil, 0o600)) },
		"muster-lab-13":  func(path string) { createLookalike(t, path); check(os.Chmod(path, 0o755)) },
		"muster-lab-14":  func(path string) { createLookalike(t, path); check(os.Remove(filepath.Join(path, lockName))) },
		"muster-lab-15": func(path string) {
			createLookalike(t, path)
			check(os.Remove(filepath.Join(path, lockName)))
			check(os.Symlink(filepath.Join(outside, lockName), filepath.Join(path, lockName)))
		},
	}
	if os.Geteuid() == 0 {
		kept["muster-lab-16"] = func(path string) { createLookalike(t, path); check(os.Chown(path, 12345, 0)) }
	}
	for name, create := range kept {
		create(at(name))
	}
	used, err := MakeTemporaryDir()
	check(err)
	private, shared := abandon(t), abandon(t)
	check(os.Symlink(outside, filepath.Join(private.Path, "link")))
	check(os.Chmod(shared.Path, sharedDirMode))

	RemoveAbandoned()
	for _, d := range []*TemporaryDir{private, shared} {
		if _, err := os.Lstat(d.Path); !os.IsNotExist(err) {
			t.Errorf("an abandoned directory is not removed: %v", err)
		}
	}
	for name := range kept {
		if _, err := os.Lstat(at(name)); err != nil {
			t.Errorf("%s is not abandoned, and was removed: %v", name, err)
		}
	}
	for _, path := range []string{outside, at("muster-lab-13"), at("muster-lab-15")} {
		if _, err := os.Stat(filepath.Join(path, "instances", "i-1", "t-1.sh")); err != nil {
			t.Errorf("a file that is not in an abandoned directory was removed: %v", err)
		}
	}
	if _, err := os.Stat(used.Path); err != nil {
		t.Errorf("a directory in use was removed: %v", err)
	}
	check(used.Remove())
	if _, err := os.Lstat(used.Path); !os.IsNotExist(err) {
		t.Errorf("Remove left its directory: %v", err)
	}
}

func TestRemoveAbandonedLimit(t *testing.T) {
	dir := setTemporaryParent(t)
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

// TestRemoveAbandonedKeepsNewDirectories creates directories while abandoned ones are removed.
func TestRemoveAbandonedKeepsNewDirectories(t *testing.T) {
	setTemporaryParent(t)
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
					t.Errorf("a new directory contains %v, %v", names, err)
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

// TestTemporaryDirIsRemovedOnce replaces the directory with a link after it is removed, and removes it again.
func TestTemporaryDirIsRemovedOnce(t *testing.T) {
	setTemporaryParent(t)
	d, err := MakeTemporaryDir()
	if err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside")
	createLookalike(t, outside)
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
		t.Errorf("the target of the link contains %v, %v", names, err)
	}
}
