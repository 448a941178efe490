// Package catalogue explains the error codes of Cloud Assistant in English, Chinese and Japanese: their meaning, the usual causes and the
// remedies. It contains the codes with which the API refuses calls, those of instances of an invocation that failed, and a few of
// muster's own.
//
// It only explains codes: package assist decides whether a call is retried, and package fleet how the outcome of an instance is called.
// The texts are the project's own. Only Entry.Messages has the service's messages.
//
// facts.json contains the data that is the same in all languages. en.json, zh.json and ja.json contain the texts in the same order, so
// that the same lines of all three are translations of one another. {X} represents the last part of a code such as
// MissingParameter.RegionId, of which there are too many to list.
package catalogue
