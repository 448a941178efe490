// Package report writes a run as a self-contained page of HTML: it loads nothing, and a policy in it forbids loading anything.
// All of its content is there without a script, too; its script searches, filters and zooms.
//
// Text from instances is made visible before it is escaped, so that neither a browser nor a reader is misled by it.
package report
