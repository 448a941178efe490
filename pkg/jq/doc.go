// Package jq runs jq expressions on JSON, using gojq. Where gojq and jq differ in what operators need for the output of scripts,
// it follows jq: $ in a pattern matches before a final line break, \d, \w and \s are Unicode, tonumber ignores white space around
// a number, and it adds functions that gojq does not have.
//
// The remaining differences are in testdata/differences.json, which a test compares with the results of real versions of jq.
package jq
