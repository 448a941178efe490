package keep

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"
)

// Key returns a key that sorts in the order of the numbers.
func Key(numbers ...uint64) string {
	var b []byte
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return string(b)
}

// Number returns the number at index i of a key made by [Key].
func Number(key string, i int) (uint64, error) {
	if len(key) < 8*(i+1) {
		return 0, fmt.Errorf("a key of %d bytes has no number %d", len(key), i)
	}
	return binary.BigEndian.Uint64([]byte(key)[8*i:]), nil
}

// Each calls do for each record of a kind, in the order of the keys, until do returns an error. Each returns that error wrapped
// in a [DamagedError].
func (d *Database) Each(of Kind, do func(key string, text []byte) error) error {
	return detectDamage(func() error {
		return d.bolt.View(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte(of)).ForEach(func(k, v []byte) error {
				if err := do(string(k), v); err != nil {
					return &DamagedError{fmt.Errorf("read the records in %s: %w", of, err)}
				}
				return nil
			})
		})
	})
}

// ReadAll is like [Database.Each], but decodes the records.
func ReadAll[T any](d *Database, of Kind, do func(key string, record *T) error) error {
	return d.Each(of, func(key string, text []byte) error {
		record := new(T)
		if err := json.Unmarshal(text, record); err != nil {
			return err
		}
		return do(key, record)
	})
}
