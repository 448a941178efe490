// Package term is what muster knows of the terminal: whether there is one, how wide it is, whether it may be
// coloured, how text from a remote instance is made harmless on it, and the spinner while muster waits.
//
// Standard output is for data and standard error for everything else, so a Progress draws on standard error alone.
// While it runs, one goroutine writes to the terminal; whoever has a line to print hands it to that goroutine.
//
// The package decides nothing about what is printed and knows no tables, formats or messages.
package term
