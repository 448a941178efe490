// Package cmd is muster's command line. A command turns its flags into a request, passes the request to the engine, and renders the
// result. Work beyond that belongs in the packages below. No other package knows cobra.
//
// A command's file is named after the command, such as run.go, runs_resume.go and lab_env.go. Files that support commands have a prefix:
//
//	app, main, root  the program: what its commands share, its start, and the tree of commands
//	complete_        shell completions
//	connect_         sessions with regions of the service, and with labs
//	errors, exit     errors as users see them, and their exit codes
//	find_            looking up invocations and saved commands by what was typed
//	flag_            flags that several commands share, their types and their defaults
//	help_            help pages
//	hint_, suggest   what a mistyped flag, command or region probably stands for
//	lab_             flags and fleets of labs, beside the subcommands of lab
//	param_           the values of a script's parameters
//	print            what is written to stdout and stderr
//	query            --jq and --template
//	run_             sending a run, waiting for it, and reporting it, beside the command run
//	script_          reading a script and checking it
//	select_          choosing instances
//	settings         the settings that a command runs with
//
// A command that only groups others shares a file with its first subcommand. Another prefix is the command that the file belongs to, as in
// doctor_network.go and schema_glossary.go.
package cmd
