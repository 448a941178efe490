//go:build race

package cmd

// raceEnabled reports whether the race detector makes processes slow, so that fewer are run.
const raceEnabled = true
