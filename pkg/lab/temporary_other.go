//go:build !linux

package lab

// memoryDir is a file system in memory on which scripts can be executed; none is known here.
func memoryDir() string { return "" }
