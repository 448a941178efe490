// Package lab is a Cloud Assistant on this machine. It serves the API of package assist over HTTP, as the service does:
// real signatures, the same refusals, the same pages and states. Its instances really run the scripts they are sent, each
// in a directory and under a host name of its own.
//
// It is for people without an account at hand, for tests and for CI. It is no sandbox: a script has the lab's own user,
// this machine's files and its network. That is why nothing runs without a valid signature, and why Start listens on
// loopback addresses only.
//
// A file that is sent to an instance really is written, but below a private directory that stands for the instance's /:
// scripts see this machine's files, and a file for /etc/app must not touch its /etc. A script that runs as the lab's own
// user finds it by a relative path, from its home or with the file's directory as WorkingDir; by an absolute path it does
// not, and Lab.ReadFile does.
//
// Requests and answers are package assist's types; what the lab refuses, it refuses in the words of their Validate.
package lab
