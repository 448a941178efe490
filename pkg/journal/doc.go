// Package journal keeps runs on disk, one append-only file of JSON Lines a run: a header, the plan, and then every event in
// the order in which it happened. A run that was cut off anywhere can be folded from it, shown, and gone on with.
//
// It knows neither the service nor how a run is carried out, and it never changes a line that it has written.
package journal
