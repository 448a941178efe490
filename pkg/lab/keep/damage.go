package keep

import (
	"errors"
	"fmt"
	"runtime/debug"

	bolterrors "go.etcd.io/bbolt/errors"
)

// FileName is the name of the database in a data directory.
const FileName = "lab.db"

// DamagedError reports that the database in a data directory cannot be read.
type DamagedError struct{ Err error }

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s is damaged: %v; delete it to start afresh", FileName, e.Err)
}

func (e *DamagedError) Unwrap() error { return e.Err }

// detectDamage calls do, which uses a database. It returns a DamagedError if do returns an error or panics because the
// database file is damaged.
func detectDamage(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if found := recover(); found != nil {
			err = &DamagedError{fmt.Errorf("%v", found)}
		}
	}()
	err = do()
	if errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrChecksum) || errors.Is(err, bolterrors.ErrVersionMismatch) {
		return &DamagedError{err}
	}
	return err
}
