// Package shell quotes words for POSIX shells and checks shell scripts without running them. It is independent of muster, and the
// only importer of mvdan.cc/sh.
package shell
