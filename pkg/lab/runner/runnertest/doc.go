// Package runnertest helps tests find out whether processes of scripts have exited. It is for Linux only.
package runnertest
