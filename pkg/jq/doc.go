// Package jq runs jq expressions over JSON, in gojq. Where gojq and jq disagree about what operators write for the output of
// scripts, it follows jq: $ in a pattern matches before a final line break, \d, \w and \s are Unicode, tonumber ignores white
// space around a number, and functions that gojq does not have exist.
//
// The remaining differences are the rows of testdata/differences.json, which a test compares with what real versions of jq do.
package jq
