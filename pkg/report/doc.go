// Package report writes a run as one page of HTML that stands by itself: it loads nothing, and a policy in it forbids
// that it ever does. All that it says is there without a script, too; the one in it searches, filters and enlarges.
//
// What comes from instances is made to show before it is escaped, so that it is never obeyed, neither by a browser nor by
// an eye.
package report
