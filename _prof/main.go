package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"

	"muster/cmd"
)

func main() {
	f, _ := os.Create(os.Getenv("CPUPROF"))
	_ = pprof.StartCPUProfile(f)
	runtime.MemProfileRate = 64 << 10
	debug.SetGCPercent(50)
	code := cmd.Main()
	pprof.StopCPUProfile()
	f.Close()
	h, _ := os.Create(os.Getenv("CPUPROF") + ".heap")
	_ = pprof.Lookup("allocs").WriteTo(h, 0)
	h.Close()
	os.Exit(code)
}
