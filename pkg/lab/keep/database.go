package keep

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// lockTimeout is how long [Open] waits for a data directory that another lab has locked: that lab may be about to exit.
const lockTimeout = 500 * time.Millisecond

var errDatabaseClosed = errors.New("the lab's data directory has been closed")

// Database is a [Storage] in a file. One goroutine writes: all changes that arrive while it is busy go into its next
// transaction, so that concurrent calls share one flush of the disk.
type Database struct {
	bolt *bbolt.DB
	held sync.RWMutex // read-locked by Hold, locked to take the queue

	mu      sync.Mutex
	next    *batch // what is queued; never nil
	current *batch // what is being committed, or nil
	failure error  // the first one; nothing is stored after it
	closed  bool

	wake   chan struct{}
	failed chan struct{} // closed at the first failure
	done   sync.WaitGroup
}

type batch struct {
	changes   []Change
	committed chan struct{} // closed when the changes are committed, or when that has failed
}

func newBatch() *batch { return &batch{committed: make(chan struct{})} }

// Open opens or creates the database in dir, for records of the given kinds. The error is an [InUseError] if another process
// has it open, and a [DamagedError] if the file cannot be read.
func Open(dir string, kinds ...Kind) (*Database, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the lab's data directory: %w", err)
	}
	path := filepath.Join(dir, FileName)
	var bolt *bbolt.DB
	err := detectDamage(func() (err error) {
		bolt, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType})
		return err
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, inUse(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the lab's data in %s: %w", dir, err)
	}
	err = os.Chmod(path, 0o600) // it contains keys, and may have been copied here with another mode
	if err == nil {
		err = detectDamage(func() error { return bolt.Update(func(tx *bbolt.Tx) error { return makeBuckets(tx, kinds) }) })
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the lab's data in %s: %w", dir, err), bolt.Close())
	}
	d := &Database{bolt: bolt, next: newBatch(), wake: make(chan struct{}, 1), failed: make(chan struct{})}
	d.done.Go(d.loop)
	return d, nil
}

func makeBuckets(tx *bbolt.Tx, kinds []Kind) error {
	for _, kind := range kinds {
		if _, err := tx.CreateBucketIfNotExists([]byte(kind)); err != nil {
			return err
		}
	}
	return nil
}

// Persistent reports that records survive the lab.
func (d *Database) Persistent() bool { return true }

// Failed returns a channel that is closed at the first error.
func (d *Database) Failed() <-chan struct{} { return d.failed }

// Hold keeps the queued changes from being committed until release.
func (d *Database) Hold() (release func()) {
	d.held.RLock()
	return d.held.RUnlock
}

// Write queues changes for the next transaction.
func (d *Database) Write(changes ...Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		if d.failure == nil {
			d.failure = errDatabaseClosed
		}
		return
	}
	d.next.changes = append(d.next.changes, changes...)
	select {
	case d.wake <- struct{}{}:
	default: // a wake-up is already pending
	}
}

// Flush waits for the transaction that contains the last change.
func (d *Database) Flush() error {
	d.mu.Lock()
	last := d.current
	if len(d.next.changes) > 0 {
		last = d.next
	}
	d.mu.Unlock()
	if last != nil {
		<-last.committed
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failure
}

func (d *Database) loop() {
	for range d.wake {
		d.commit(d.takeQueue())
	}
	d.commit(d.takeQueue())
}

func (d *Database) takeQueue() *batch {
	d.held.Lock()
	defer d.held.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current, d.next = d.next, newBatch()
	return d.current
}

func (d *Database) commit(b *batch) {
	d.mu.Lock()
	failure := d.failure
	d.mu.Unlock()
	if failure == nil && len(b.changes) > 0 {
		failure = detectDamage(func() error {
			return d.bolt.Update(func(tx *bbolt.Tx) error { return apply(tx, b.changes) })
		})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if failure != nil && d.failure == nil {
		d.failure = fmt.Errorf("store the lab's data: %w", failure)
		close(d.failed)
	}
	d.current = nil
	close(b.committed)
}

func apply(tx *bbolt.Tx, changes []Change) error {
	cleared := map[Kind]int{}
	for i, c := range changes {
		if c.Key == "" {
			cleared[c.Kind] = i
		}
	}
	for i, c := range changes {
		if i < cleared[c.Kind] { // the record is removed again
			continue
		}
		if c.Key == "" {
			if err := clearBucket(tx, c.Kind); err != nil {
				return err
			}
			continue
		}
		bucket := tx.Bucket([]byte(c.Kind))
		if c.Value == nil {
			if err := bucket.Delete([]byte(c.Key)); err != nil {
				return err
			}
			continue
		}
		text, err := json.Marshal(c.Value)
		if err != nil {
			return err
		}
		if err := bucket.Put([]byte(c.Key), text); err != nil {
			return err
		}
	}
	return nil
}

func clearBucket(tx *bbolt.Tx, kind Kind) error {
	if err := tx.DeleteBucket([]byte(kind)); err != nil {
		return err
	}
	_, err := tx.CreateBucket([]byte(kind))
	return err
}

// Close commits what is queued and closes the file.
func (d *Database) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	d.mu.Unlock()
	close(d.wake) // Write no longer sends: the database is marked closed
	d.done.Wait()
	d.mu.Lock()
	failure := d.failure
	d.mu.Unlock()
	if _, damaged := errors.AsType[*DamagedError](failure); damaged {
		return failure // bbolt may still hold its locks, and its Close would not return
	}
	return errors.Join(failure, d.bolt.Close())
}

// CopyTo writes a compact copy of the durable records to a new file. Writes may go on meanwhile.
func (d *Database) CopyTo(path string) error {
	whole := path + ".whole"
	defer func() { _ = os.Remove(whole) }()
	err := d.bolt.View(func(tx *bbolt.Tx) error { return tx.CopyFile(whole, 0o600) })
	if err == nil {
		err = compact(path, whole)
	}
	if err != nil {
		return fmt.Errorf("copy the lab's data: %w", err)
	}
	return nil
}

// compact writes the records of a database that nobody writes to a new file. bbolt's Compact reads values after its read
// transaction has ended, when a writer may already have used their pages for something else.
func compact(path, source string) error {
	from, err := bbolt.Open(source, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	to, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	used := int64(0)
	err = bbolt.Compact(to, from, 0)
	if err == nil {
		err = to.View(func(tx *bbolt.Tx) error { used = tx.Size(); return nil })
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	return os.Truncate(path, used)
}
