// Command muster runs scripts on fleets of Alibaba Cloud ECS instances through Cloud Assistant.
package main

import (
	"os"
	"runtime/debug"

	"muster/cmd"
)

// gcPercent lets garbage grow to half of what is in use, not to all of it: pages of outputs are decoded eight at a time, and
// to collect them twice as often costs little beside that.
const gcPercent = 50

func main() {
	debug.SetGCPercent(gcPercent)
	os.Exit(cmd.Main())
}
