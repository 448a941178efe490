package lab

import "io/fs"

// ownedAlone is for others' directories, which the system keeps from being opened or changed: each user has a temporary
// directory of its own there.
func ownedAlone(fs.FileInfo) bool { return true }
