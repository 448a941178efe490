//go:build !unix

package config

import "io/fs"

// trusted takes every file: who owns one is not a number there.
func trusted(fs.FileInfo) bool { return true }
