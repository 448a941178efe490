// Package nodeset reads and writes sets of names in the notation of ClusterShell's nodeset and of pdsh, such as
// web-[001-004,006]-a.
//
// [Split] divides a list into words, and [Parse] reads a word: literal characters, sets of numbers in brackets, and shell
// globs. [Fold] writes names as one line that Split and Parse, nodeset and pdsh read back as the same names; [Shorten] fits
// that line into a heading.
package nodeset
