package lab

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

// lockPatience is how long a lab that is just ending may still hold its data directory.
const lockPatience = 500 * time.Millisecond

var errDatabaseClosed = errors.New("the lab's data directory has been closed")

// database is a keeper in a file. One goroutine writes: all that came while it was busy goes into its next transaction, so
// that many calls at once share the disk's one flush.
type database struct {
	bolt  *bbolt.DB
	whole sync.RWMutex // read-locked by those who hold; locked to cut the queue

	mu      sync.Mutex
	next    *batch // never nil
	current *batch // what is being committed, or nil
	failure error  // the first one, after which nothing is kept
	closed  bool

	wake   chan struct{}
	broken chan struct{} // closed with the first failure
	done   sync.WaitGroup
}

type batch struct {
	changes   []change
	committed chan struct{} // closed when it is, or never will be
}

func newBatch() *batch { return &batch{committed: make(chan struct{})} }

// openDatabase opens the one in a directory, or makes it. It is for one process at a time; another gets an InUseError.
func openDatabase(dir string) (*database, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the lab's data directory: %w", err)
	}
	path := filepath.Join(dir, databaseName)
	var bolt *bbolt.DB
	err := orDamaged(func() (err error) {
		bolt, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockPatience, FreelistType: bbolt.FreelistMapType})
		return err
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, inUse(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open the lab's data in %s: %w", dir, err)
	}
	err = os.Chmod(path, 0o600) // it may have been copied here, and has the keys in it
	if err == nil {
		err = orDamaged(func() error { return bolt.Update(makeBuckets) })
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the lab's data in %s: %w", dir, err), bolt.Close())
	}
	d := &database{bolt: bolt, next: newBatch(), wake: make(chan struct{}, 1), broken: make(chan struct{})}
	d.done.Go(d.loop)
	return d, nil
}

func makeBuckets(tx *bbolt.Tx) error {
	for _, kind := range kinds() {
		if _, err := tx.CreateBucketIfNotExists([]byte(kind)); err != nil {
			return err
		}
	}
	return nil
}

func (d *database) lasts() bool { return true }

func (d *database) failed() <-chan struct{} { return d.broken }

func (d *database) hold() (release func()) {
	d.whole.RLock()
	return d.whole.RUnlock
}

func (d *database) write(changes ...change) {
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
	default: // it has been told already
	}
}

func (d *database) flush() error {
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

func (d *database) loop() {
	for range d.wake {
		d.commit(d.cut())
	}
	d.commit(d.cut())
}

func (d *database) cut() *batch {
	d.whole.Lock()
	defer d.whole.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current, d.next = d.next, newBatch()
	return d.current
}

func (d *database) commit(b *batch) {
	d.mu.Lock()
	failure := d.failure
	d.mu.Unlock()
	if failure == nil && len(b.changes) > 0 {
		failure = orDamaged(func() error {
			return d.bolt.Update(func(tx *bbolt.Tx) error { return apply(tx, b.changes) })
		})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if failure != nil && d.failure == nil {
		d.failure = fmt.Errorf("keep the lab's data: %w", failure)
		close(d.broken)
	}
	d.current = nil
	close(b.committed)
}

func apply(tx *bbolt.Tx, changes []change) error {
	for _, c := range changes {
		bucket := tx.Bucket([]byte(c.kind))
		if c.value == nil {
			if err := bucket.Delete([]byte(c.key)); err != nil {
				return err
			}
			continue
		}
		text, err := json.Marshal(c.value)
		if err != nil {
			return err
		}
		if err := bucket.Put([]byte(c.key), text); err != nil {
			return err
		}
	}
	return nil
}

// close keeps what is on its way, and ends.
func (d *database) close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	d.mu.Unlock()
	close(d.wake) // nobody writes any more
	d.done.Wait()
	d.mu.Lock()
	failure := d.failure
	d.mu.Unlock()
	if _, damaged := errors.AsType[*DamagedError](failure); damaged {
		return failure // a panic may have left it locked, and then Close would wait for ever
	}
	return errors.Join(failure, d.bolt.Close())
}
