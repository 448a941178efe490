// Package shell writes words for a POSIX shell and finds out what is wrong with a shell script before it runs. It knows
// nothing of muster, and is the only importer of mvdan.cc/sh.
package shell
