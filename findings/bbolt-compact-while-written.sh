#!/usr/bin/env bash
# bbolt's Compact, of a database that is being written, can return a copy that is of no state of it, and no error.
#
# Expected: Compact reads in one transaction, which sees one state whatever others write. The copy is of that state.
# What happens: Compact puts values into the copy without copying them, and commits the copy after its transaction on the source has
# ended. By then, a writer may have used their pages for something else. Some copies have values of several transactions, or a piece
# of another page. Tx.CopyFile, the library's other way to copy, is right.
# Why it matters: a backup that was made like this is wrong, rarely enough that nobody notices. Copy with CopyFile, and compact the copy.
. "$(dirname "$0")/prelude"

program go.etcd.io/bbolt@v1.5.0 <<'END'
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"go.etcd.io/bbolt"
)

const records = 200

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// open maps more than the file ever has, so that the mapping stays where it is.
func open(path string) *bbolt.DB {
	return must(bbolt.Open(path, 0o600, &bbolt.Options{InitialMmapSize: 64 << 20, NoSync: true}))
}

func value(round int) []byte { return bytes.Repeat([]byte(strconv.Itoa(1000000+round)), 64) }

// write gives all records the value of a round, in one transaction.
func write(db *bbolt.DB, round int) {
	check(db.Update(func(tx *bbolt.Tx) error {
		b := must(tx.CreateBucketIfNotExists([]byte("b")))
		for i := range records {
			check(b.Put([]byte(fmt.Sprintf("%04d", i)), value(round)))
		}
		return nil
	}))
}

// consistent reports whether all records of a copy are of one round.
func consistent(path string) (ok bool) {
	db := open(path)
	defer db.Close()
	check(db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("b"))
		first := b.Get([]byte("0000"))
		round, err := strconv.Atoi(string(first[:min(7, len(first))]))
		ok = err == nil
		for i := range records {
			ok = ok && bytes.Equal(b.Get([]byte(fmt.Sprintf("%04d", i))), value(round-1000000))
		}
		return nil
	}))
	return ok
}

func main() {
	dir := os.Args[1]
	source := open(filepath.Join(dir, "source.db"))
	write(source, 0)
	copies := map[string]func(path string){
		"Compact": func(path string) {
			to := open(path)
			check(bbolt.Compact(to, source, 0))
			check(to.Close())
		},
		"CopyFile": func(path string) {
			check(source.View(func(tx *bbolt.Tx) error { return tx.CopyFile(path, 0o600) }))
		},
	}
	for _, writing := range []bool{false, true} {
		stop := make(chan struct{})
		var writer sync.WaitGroup
		if writing {
			writer.Go(func() {
				for round := 1; ; round++ {
					select {
					case <-stop:
						return
					default:
						write(source, round)
					}
				}
			})
		}
		for _, name := range []string{"Compact", "CopyFile"} {
			wrong := 0
			for i := 0; i < 400 && wrong == 0; i++ {
				path := filepath.Join(dir, name+".db")
				copies[name](path)
				if !consistent(path) {
					wrong++
				}
				check(os.Remove(path))
			}
			fmt.Printf("a writer: %-5v %-8s copies of no state: %v\n", writing, name, wrong > 0)
		}
		close(stop)
		writer.Wait()
	}
}
END
version "bbolt v1.5.0, $(go env GOVERSION)"
mkdir "$work/data"
"$work/program" "$work/data" | saw

same <<'END'
a writer: false Compact  copies of no state: false
a writer: false CopyFile copies of no state: false
a writer: true  Compact  copies of no state: true
a writer: true  CopyFile copies of no state: false
END
