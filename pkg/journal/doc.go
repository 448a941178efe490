// Package journal stores runs on disk, one append-only file of JSON Lines per run: a header, the plan, and then every event in
// the order in which it happened. A run that was cut off anywhere can be folded from its journal, shown and resumed.
//
// The package knows neither the service nor how a run is executed, and it never changes a line that it has written.
package journal
