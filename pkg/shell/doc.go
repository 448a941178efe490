// Package shell quotes words for POSIX shells and checks shell scripts without running them. It knows nothing of muster, and is
// the only importer of mvdan.cc/sh.
package shell
