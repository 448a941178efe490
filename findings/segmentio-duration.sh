#!/usr/bin/env bash
# segmentio/encoding/json writes a time.Duration as "1.5s", and encoding/json as 1500000000.
#
# Expected: the package "aims to be a drop-in replacement" of encoding/json, apart from error messages, so it writes the same.
# What happens: a time.Duration becomes a text, which encoding/json and its successor refuse to read into a time.Duration. As the key of
# a map, the text has quotes within the quotes. A named type of time.Duration is a number, as in encoding/json.
# Why it matters: replacing the import changes files and messages that other programs read. Give durations a type of their own, or write
# numbers with a unit in the name.
. "$(dirname "$0")/prelude"

program github.com/segmentio/encoding@v0.5.4 github.com/go-json-experiment/json@v0.0.0-20260820222146-c27c302e5fc3 <<'END'
package main

import (
	standard "encoding/json"
	"fmt"
	"time"

	successor "github.com/go-json-experiment/json"
	segmentio "github.com/segmentio/encoding/json"
)

type named time.Duration

type timeout struct {
	Plain time.Duration
	Key   map[time.Duration]int
	Named named
}

func main() {
	value := timeout{1500 * time.Millisecond, map[time.Duration]int{time.Second: 1}, named(time.Second)}
	a, errA := standard.Marshal(value)
	b, errB := segmentio.Marshal(value)
	fmt.Println("encoding/json writes", string(a), errA)
	fmt.Println("segmentio writes    ", string(b), errB)
	for _, text := range []string{`{"Plain":1500000000}`, `{"Plain":"1.5s"}`} {
		var s, g, x timeout
		errS, errG, errX := standard.Unmarshal([]byte(text), &s), segmentio.Unmarshal([]byte(text), &g), successor.Unmarshal([]byte(text), &x)
		fmt.Println(text)
		fmt.Println("  encoding/json:", s.Plain, errS)
		fmt.Println("  segmentio:    ", g.Plain, errG)
		fmt.Println("  successor:    ", x.Plain, errX != nil)
	}
}
END
version "segmentio/encoding v0.5.4, go-json-experiment 2026-08-20, $(go env GOVERSION)"
"$work/program" | saw

same <<'END'
encoding/json writes {"Plain":1500000000,"Key":{"1000000000":1},"Named":1000000000} <nil>
segmentio writes     {"Plain":"1.5s","Key":{"\"1s\"":1},"Named":1000000000} <nil>
{"Plain":1500000000}
  encoding/json: 1.5s <nil>
  segmentio:     1.5s <nil>
  successor:     0s true
{"Plain":"1.5s"}
  encoding/json: 0s json: cannot unmarshal string into Go struct field timeout.Plain of type time.Duration
  segmentio:     1.5s <nil>
  successor:     0s true
END
