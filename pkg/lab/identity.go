package lab

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"

	"muster/pkg/lab/keep"
	"muster/pkg/lab/signature"
)

// dataFormat is the version of the format of the records. A lab reads no other version.
const dataFormat = 1

const identityKey = "identity" // the only key of its kind

// identity is the part of a lab that its data directory keeps from one start to the next.
type identity struct {
	Format   int
	Region   string
	Account  string
	Key      signature.Key
	Mark     string // in the environment of its scripts, so that they can be found after a crash
	Endpoint string // where it listened last

	Sequences sequences // at the last reset
	Discarded uint64    // the number of the last directory that a reset has discarded
}

// sequences are the last sequence numbers of records, which a reset does not repeat.
type sequences struct{ Records, Runs, Files uint64 }

// MismatchError reports that the lab in a data directory was made with another value of an option. Want and Has are empty if the
// value is a secret.
type MismatchError struct{ What, Want, Has string }

func (e *MismatchError) Error() string {
	if e.Has == "" {
		return fmt.Sprintf("its %s is another one", e.What)
	}
	return fmt.Sprintf("its %s is %s, not %s", e.What, e.Has, e.Want)
}

// loadIdentity sets the lab's identity to the one in the database, completed by the options. It returns a [MismatchError] if an
// option differs from the database.
func (l *Lab) loadIdentity(o Options, db *keep.Database) error {
	kept, err := readIdentity(db)
	if err != nil {
		return err
	}
	for _, c := range []struct{ name, want, has string }{
		{"region", o.Region, kept.Region}, {"account", o.AccountId, kept.Account}, {"access key", o.AccessKeyId, kept.Key.Id},
	} {
		if kept.Format != 0 && c.want != "" && c.want != c.has {
			return &MismatchError{c.name, c.want, c.has}
		}
	}
	if kept.Format != 0 && o.AccessKeySecret != "" && o.AccessKeySecret != kept.Key.Secret {
		return &MismatchError{What: "access key secret"} // without the values
	}
	l.identity = identity{
		Format:   dataFormat,
		Region:   cmp.Or(kept.Region, o.Region, o.RegionIfNew, "cn-hangzhou"),
		Account:  cmp.Or(kept.Account, o.AccountId, "1000000000000001"),
		Key:      signature.Key{Id: cmp.Or(kept.Key.Id, o.AccessKeyId, "LAB"+rand.Text()), Secret: cmp.Or(kept.Key.Secret, o.AccessKeySecret, rand.Text())},
		Mark:     cmp.Or(kept.Mark, rand.Text()),
		Endpoint: kept.Endpoint,

		Sequences: kept.Sequences,
		Discarded: kept.Discarded,
	}
	return nil
}

func readIdentity(db *keep.Database) (kept identity, err error) {
	if db == nil {
		return kept, nil
	}
	err = db.Each(ofLab, func(_ string, text []byte) error { return json.Unmarshal(text, &kept) })
	if err == nil && kept.Format != 0 && kept.Format != dataFormat {
		err = fmt.Errorf("it was made by another version of muster: format %d, not %d", kept.Format, dataFormat)
	}
	return kept, err
}

// saveEndpoint stores where the lab listens, for its next start and for other processes that find its data directory in use.
func (l *Lab) saveEndpoint(endpoint string) error {
	if !l.storage.Persistent() {
		return nil
	}
	l.identity.Endpoint = endpoint
	l.storage.Write(keep.Set(ofLab, identityKey, l.identity))
	if err := l.storage.Flush(); err != nil {
		return err
	}
	return keep.Owner{Pid: os.Getpid(), Endpoint: endpoint, TLS: l.tls}.Write(l.data)
}
