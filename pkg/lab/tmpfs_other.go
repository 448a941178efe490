//go:build !linux

package lab

// tmpfsDir returns an empty string, because no file system in memory is known on this system.
func tmpfsDir() string { return "" }
