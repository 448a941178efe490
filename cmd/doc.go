// Package cmd is muster's command line, one file a subcommand: flags become a request, the request goes through the
// engine, and what came of it is rendered. It is the only package that knows cobra, and exit.go is the one table from
// errors to exit codes.
//
// What a command does beyond that lies in the packages below; a command that computes something is in the wrong place.
package cmd
