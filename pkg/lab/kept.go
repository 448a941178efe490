package lab

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// The records as they are kept. Their keys sort as they came to be.

type keptInstance struct {
	Index      int
	Instance   *Instance
	Installing bool
	LastSeen   time.Time
}

type keptCommand struct {
	Sequence  uint64
	Command   *command
	Forgotten int64
}

type keptInvocation struct {
	Sequence   uint64
	Invocation *invocation
	ZoneOffset *int // seconds, of a zone that is not the machine's own
}

type keptFile struct {
	Sequence uint64
	File     *sentFile
}

type keptToken struct {
	Account, Action, Token string
	Parameters             []byte
	Answer                 any
}

// keyOf makes a key of numbers, in whose order it sorts.
func keyOf(numbers ...uint64) string {
	var b []byte
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return string(b)
}

// numberOf reads a number of a key.
func numberOf(key string, i int) (uint64, error) {
	if len(key) < 8*(i+1) {
		return 0, fmt.Errorf("a key of %d bytes is too short", len(key))
	}
	return binary.BigEndian.Uint64([]byte(key)[8*i:]), nil
}

func (k tokenKey) String() string { return strings.Join([]string{k.account, k.action, k.token}, "\n") }

// each gives all records of a kind, in the order of their keys.
func (d *database) each(of kind, do func(key string, text []byte) error) error {
	return orDamaged(func() error {
		return d.bolt.View(func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte(of)).ForEach(func(k, v []byte) error {
				if err := do(string(k), v); err != nil {
					return &DamagedError{fmt.Errorf("read what is kept in %s: %w", of, err)}
				}
				return nil
			})
		})
	})
}

// readAll gives all records of a kind, decoded.
func readAll[T any](d *database, of kind, do func(key string, record *T) error) error {
	return d.each(of, func(key string, text []byte) error {
		record := new(T)
		if err := json.Unmarshal(text, record); err != nil {
			return err
		}
		return do(key, record)
	})
}

func keepInvocation(e *entry) change {
	kept := keptInvocation{Sequence: e.sequence, Invocation: e.invocation}
	if e.Zone != nil && e.Zone != time.Local {
		_, offset := e.Created.In(e.Zone).Zone()
		kept.ZoneOffset = &offset
	}
	return change{ofInvocation, keyOf(e.sequence), kept}
}

func (k *keptInvocation) restore() (*invocation, error) {
	k.Invocation.Zone = time.Local
	if k.ZoneOffset != nil {
		k.Invocation.Zone = time.FixedZone("UTC+8", *k.ZoneOffset)
	}
	return k.Invocation, k.Invocation.readFrequency()
}
