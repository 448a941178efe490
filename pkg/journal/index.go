package journal

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// The index has the lines that a list needs from the journals of runs that have ended, so that a list of thousands of runs need
// not open them. It can be removed at any time. An entry counts only as long as its journal has the same size and time of
// modification; runs that have not ended are always read from their journals.
//
// Each entry is a line with the id, size and time of modification of the journal, and the lengths of its header and its last
// line, followed by these two. The file begins with a line that has the version of the format, and the checksum and length of
// the rest, so that a file that was not written completely is not used.

// indexVersion is the first word of an index.
const indexVersion = "muster-runs-1"

// indexEntry is the index's record of a run.
type indexEntry struct {
	id          string
	size        int64
	modified    int64  // in ns
	header, end []byte // the lines, complete
}

// settleTime is how long a journal must have been unchanged before it may be indexed: a later change then has another time of
// modification, even where file systems count these in steps of 2 seconds.
const settleTime = 5 * time.Second

func (d Dir) indexFile() string { return d.Path + ".index" }

// mayIndex reports whether a journal may be indexed. On Windows, the size and time of a file that another process is writing may
// be outdated.
func mayIndex(info os.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().IsRegular() && time.Since(info.ModTime()) > settleTime
}

// matches reports whether the journal is still the one that was indexed.
func (e indexEntry) matches(info os.FileInfo) bool {
	return info.Mode().IsRegular() && info.Size() == e.size && info.ModTime().UnixNano() == e.modified
}

// summary returns the entry of the run in a list. Its last line has been parsed before it was indexed.
func (e indexEntry) summary() (Summary, error) {
	header, err := parseHeader(e.header, e.id)
	return Summary{Header: header, end: e.end}, err
}

// readIndex returns the entries of the index by run id. Without an index, or with one that is damaged, there are none.
func (d Dir) readIndex() map[string]indexEntry {
	text, err := os.ReadFile(d.indexFile())
	if err != nil || runtime.GOOS == "windows" {
		return nil
	}
	head, rest, _ := bytes.Cut(text, []byte("\n"))
	if string(head) != indexHead(rest) {
		return nil
	}
	entries := make(map[string]indexEntry, bytes.Count(rest, []byte("\n"))/3)
	for len(rest) > 0 {
		entry, length, err := parseIndexEntry(rest)
		if err != nil {
			return nil
		}
		entries[entry.id] = entry
		rest = rest[length:]
	}
	return entries
}

func indexHead(rest []byte) string {
	return fmt.Sprintf("%s %08x %d", indexVersion, crc32.Checksum(rest, crc32.MakeTable(crc32.Castagnoli)), len(rest))
}

// parseIndexEntry returns the first entry of a text, which it refers to, and the length of the entry in the text.
func parseIndexEntry(text []byte) (e indexEntry, length int, err error) {
	line, _, found := bytes.Cut(text, []byte("\n"))
	fields := strings.Fields(string(line))
	if !found || len(fields) != 5 || !isRunID(fields[0]) {
		return e, 0, errors.New("not an entry of the index")
	}
	e.id = fields[0]
	var numbers [4]int64
	for i := range numbers {
		if numbers[i], err = strconv.ParseInt(fields[i+1], 10, 64); err != nil {
			return e, 0, err
		}
	}
	e.size, e.modified = numbers[0], numbers[1]
	header, end, left := numbers[2], numbers[3], int64(len(text)-len(line)-1)
	if header < 0 || end < 0 || header > left || end > left-header {
		return e, 0, io.ErrUnexpectedEOF
	}
	lines := text[len(line)+1:][: header+end : header+end]
	e.header, e.end = lines[:header:header], lines[header:]
	return e, len(line) + 1 + len(lines), nil
}

// writeIndex replaces the index. It leaves out entries without an id. Errors do not matter: without an index, a list takes longer.
// If two processes write the same temporary file at the same time, the checksum does not match, and a later list writes the
// index again.
func (d Dir) writeIndex(entries []indexEntry) {
	if runtime.GOOS == "windows" {
		return
	}
	var rest bytes.Buffer
	for _, e := range entries {
		if e.id != "" {
			fmt.Fprintf(&rest, "%s %d %d %d %d\n", e.id, e.size, e.modified, len(e.header), len(e.end))
			rest.Write(e.header)
			rest.Write(e.end)
		}
	}
	temporary := d.indexFile() + ".new"
	text := append([]byte(indexHead(rest.Bytes())+"\n"), rest.Bytes()...)
	if os.WriteFile(temporary, text, 0o600) != nil || os.Rename(temporary, d.indexFile()) != nil {
		_ = os.Remove(temporary)
	}
}
