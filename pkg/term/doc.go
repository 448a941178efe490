// Package term handles the terminal: whether there is one, its size and colours, questions to the user, a pager, the spinner
// while muster waits, and making text from remote instances safe to show.
//
// Standard output is for data and standard error for everything else, so a [Progress] draws only on standard error. While it
// runs, everything that is printed goes through it.
//
// The package does not decide what is printed, and knows no tables, formats or messages.
package term
