// Command muster runs scripts on fleets of Alibaba Cloud ECS instances through Cloud Assistant.
package main

import (
	"os"

	"muster/cmd"
)

func main() { os.Exit(cmd.Main()) }
