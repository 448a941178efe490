// Package catalogue explains the error codes of Cloud Assistant: what each means, what mostly causes it and what to do
// about it, in English, Chinese and Japanese. It knows the codes with which the API refuses a call, those with which an
// instance's part of an invocation ends, and the few that muster gives itself.
//
// It explains and does not decide: whether a call is sent again is assist's to say, what an instance's end is called is
// fleet's. The texts are the project's own; the service's words are in Entry.Messages alone.
//
// facts.json holds what is the same in every language. en.json, zh.json and ja.json hold the texts, in the same order,
// so that a line of one is the translation of the same line of the others. {X} stands for the last part of a code such as
// MissingParameter.RegionId, whose like there are too many to list.
package catalogue
