package catalogue

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:embed facts.json en.json zh.json ja.json
var files embed.FS

// The embedded files are decoded when they are first needed, each language separately.
var (
	known    = sync.OnceValue(func() index { return newIndex(read[[]fact]("facts.json")) })
	english  = sync.OnceValue(func() texts { return read[texts]("en.json") })
	chinese  = sync.OnceValue(func() texts { return read[texts]("zh.json") })
	japanese = sync.OnceValue(func() texts { return read[texts]("ja.json") })
)

// fact is the part of an entry that is the same in all languages.
type fact struct {
	Code     string
	Prefixes []string // codes with one of these prefixes belong to this entry if they have no other
	Scope    Scope
	Status   string
	Retry    Retry
	See      string
	Answers  []answer
}

// family reports whether the code is only a placeholder for others.
func (f *fact) family() bool { return len(f.Prefixes) > 0 && strings.HasSuffix(f.Code, "X") }

// answer is a source that lists the code.
type answer struct {
	Source  string
	Actions []string
	HTTP    int
	Message string
}

type texts map[string]struct{ Meaning, Cause, Remedy string }

// index has all facts, in order, and their positions by code in lower case.
type index struct {
	facts []fact
	place map[string]int
}

func newIndex(facts []fact) index {
	x := index{facts: facts, place: make(map[string]int, len(facts))}
	for i, f := range facts {
		x.place[strings.ToLower(f.Code)] = i
	}
	return x
}

func textsIn(lang Language) texts {
	switch lang {
	case Chinese:
		return chinese()
	case Japanese:
		return japanese()
	}
	return english()
}

// read decodes an embedded file. It panics if the file is invalid, which the tests check.
func read[T any](name string) T {
	var value T
	data, err := files.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(data, &value)
	}
	if err != nil {
		panic(fmt.Sprintf("catalogue: %s: %v", name, err))
	}
	return value
}
