// Package target says who a command goes to: it turns ids, tags, files, excludes and samples into instances, and tells
// who of them can run a command now.
//
// It does not send anything, and it does not know how a fleet is cut into calls.
package target
