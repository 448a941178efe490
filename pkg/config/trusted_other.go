//go:build !unix

package config

import "io/fs"

// trusted reports true for every file, because file owners are not available here.
func trusted(fs.FileInfo) bool { return true }
