//go:build race

package cmd

// raceEnabled makes processes slow, so that there are fewer of them.
const raceEnabled = true
