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

// What is embedded is read when it is first asked for, each language by itself.
var (
	known    = sync.OnceValue(func() index { return newIndex(read[[]fact]("facts.json")) })
	english  = sync.OnceValue(func() texts { return read[texts]("en.json") })
	chinese  = sync.OnceValue(func() texts { return read[texts]("zh.json") })
	japanese = sync.OnceValue(func() texts { return read[texts]("ja.json") })
)

// fact is what of an entry is the same in every language.
type fact struct {
	Code     string
	Prefixes []string // codes that begin with one of them are of this kind, where they have no entry of their own
	Scope    Scope
	Status   string
	Retry    Retry
	Answers  []answer
}

// family tells that the code only stands for others.
func (f *fact) family() bool { return len(f.Prefixes) > 0 && strings.HasSuffix(f.Code, "X") }

// answer is one place where a code is listed.
type answer struct {
	Source  string
	Actions []string
	HTTP    int
	Message string
}

type texts map[string]struct{ Meaning, Cause, Remedy string }

// index finds facts, in their order, by the code in lower case.
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

// read panics where the tests have let through a file that cannot be read.
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
