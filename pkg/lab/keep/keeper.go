// Package keep stores the records of a lab in its data directory, so that they survive the lab.
//
// A [Database] is one file. Its owner, a running lab, locks it and says in a second file who it is.
package keep

// Keeper makes records durable.
//
// Changes are durable after the next Flush, in the order in which they were written: a change that survives a crash is
// preceded by all changes written before it. A lab flushes before each answer, so that no client ever sees something that
// a crash takes back, whether the client wrote it or only read it.
type Keeper interface {
	// Write queues changes and does not wait. Their values must not be modified afterwards.
	Write(changes ...Change)
	// Hold makes all changes written until release durable together or not at all.
	Hold() (release func())
	// Flush returns when all changes written before are durable. After an error nothing more is kept.
	Flush() error
	// Failed returns a channel that is closed once nothing more is kept, or nil if that never happens.
	Failed() <-chan struct{}
	// Lasts reports whether records survive the lab.
	Lasts() bool
	Close() error
}

// Change sets or removes one record.
type Change struct {
	Kind  Kind
	Key   string
	Value any // encoded by encoding/json; nil removes the record
}

// Set returns the change that writes a record.
func Set(kind Kind, key string, value any) Change { return Change{kind, key, value} }

// Remove returns the change that removes a record.
func Remove(kind Kind, key string) Change { return Change{Kind: kind, Key: key} }

// Kind is a kind of records: the name of a bucket in the database.
type Kind string

// NoKeeper is the [Keeper] of a lab that keeps nothing.
type NoKeeper struct{}

func (NoKeeper) Write(...Change)         {}
func (NoKeeper) Hold() func()            { return func() {} }
func (NoKeeper) Flush() error            { return nil }
func (NoKeeper) Failed() <-chan struct{} { return nil }
func (NoKeeper) Lasts() bool             { return false }
func (NoKeeper) Close() error            { return nil }
