// Package keep stores the records of a lab in its data directory, so that they survive the lab.
//
// A [Database] is one file. The lab that runs on it is its [Owner]: it locks the file, and writes a second file with its process
// id and endpoint.
package keep

// Storage makes records durable.
//
// Changes are durable after the next Flush, in the order in which they were written: if a change survives a crash, so do all
// changes written before it. A lab flushes before each response, so that a crash never undoes anything that a client has seen,
// whether the client wrote it or only read it.
type Storage interface {
	// Write queues changes and does not block. Their values must not be modified afterwards.
	Write(changes ...Change)
	// Hold makes all changes that are written until release durable together or not at all.
	Hold() (release func())
	// Flush returns when all changes written so far are durable. After an error nothing more is stored.
	Flush() error
	// Failed returns a channel that is closed once nothing more is stored, or nil if that never happens.
	Failed() <-chan struct{}
	// Persistent reports whether records survive the lab.
	Persistent() bool
	Close() error
}

// Change sets or removes one record, or removes all records of a kind.
type Change struct {
	Kind  Kind
	Key   string // empty: all records are removed
	Value any    // encoded by encoding/json; nil removes the record
}

// Set returns the change that writes a record.
func Set(kind Kind, key string, value any) Change { return Change{kind, key, value} }

// Remove returns the change that removes a record.
func Remove(kind Kind, key string) Change { return Change{Kind: kind, Key: key} }

// Clear returns the change that removes all records of a kind.
func Clear(kind Kind) Change { return Change{Kind: kind} }

// Kind is a kind of record. It names a bucket of the database.
type Kind string

// NoStorage is the [Storage] of a lab that stores nothing.
type NoStorage struct{}

// Write drops the changes.
func (NoStorage) Write(...Change) {}

// Hold does nothing.
func (NoStorage) Hold() func() { return func() {} }

// Flush returns nil.
func (NoStorage) Flush() error { return nil }

// Failed returns nil.
func (NoStorage) Failed() <-chan struct{} { return nil }

// Persistent returns false.
func (NoStorage) Persistent() bool { return false }

// Close returns nil.
func (NoStorage) Close() error { return nil }
