package lab

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"muster/pkg/lab/keep"
	"muster/pkg/lab/signature"
)

// dataFormat is the version of the format of the records. A lab reads no other version.
const dataFormat = 1

const identityKey = "identity" // the only key of its kind

// identity is the part of a lab that its data directory keeps from one start to the next.
type identity struct {
	Format   int
	Region   string // the first one
	Account  string
	Key      signature.Key
	Mark     string // in the environment of its scripts, so that they can be found after a crash
	Endpoint string // where it listened last

	Regions string `json:",omitempty"` // that it serves, if there are several, with commas
	Left    string `json:",omitempty"` // that it no longer serves, with commas

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
	region := "region"
	if len(o.Regions) > 0 {
		region = "first region"
	}
	for _, c := range []struct{ name, want, has string }{
		{region, o.Region, kept.Region}, {"account", o.AccountId, kept.Account}, {"access key", o.AccessKeyId, kept.Key.Id},
	} {
		if kept.Format != 0 && c.want != "" && c.want != c.has {
			return &MismatchError{c.name, c.want, c.has}
		}
	}
	if kept.Format != 0 && o.AccessKeySecret != "" && o.AccessKeySecret != kept.Key.Secret {
		return &MismatchError{What: "access key secret"} // without the values
	}
	first := cmp.Or(kept.Region, o.Region, o.RegionIfNew, "cn-hangzhou")
	l.identity = identity{
		Format:   dataFormat,
		Region:   first,
		Account:  cmp.Or(kept.Account, o.AccountId, "1000000000000001"),
		Key:      signature.Key{Id: cmp.Or(kept.Key.Id, o.AccessKeyId, "LAB"+rand.Text()), Secret: cmp.Or(kept.Key.Secret, o.AccessKeySecret, rand.Text())},
		Mark:     cmp.Or(kept.Mark, rand.Text()),
		Endpoint: kept.Endpoint,

		Sequences: kept.Sequences,
		Discarded: kept.Discarded,
	}
	l.identity.setRegions(kept, o.Regions)
	l.isNew = kept.Format == 0
	return nil
}

// checkRegions returns an error if the service does not have one of the regions, or if one is repeated.
func (id *identity) checkRegions() error {
	seen := map[string]bool{}
	for _, region := range id.regions() {
		switch {
		case !KnownRegion(region):
			return fmt.Errorf("region %q: the service has no such region", region)
		case seen[region]:
			return fmt.Errorf("region %q is given twice", region)
		}
		seen[region] = true
	}
	return nil
}

// setRegions sets the regions that the lab serves: those of the options, or else those that it has served before.
func (id *identity) setRegions(kept identity, want []string) {
	before := append(kept.regions(), kept.leftRegions()...)
	if len(want) == 0 {
		id.Regions, id.Left = kept.Regions, kept.Left
		return
	}
	if len(want) > 1 {
		id.Regions = strings.Join(want, ",")
	}
	left := slices.DeleteFunc(before, func(region string) bool { return region == "" || slices.Contains(want, region) })
	id.Left = strings.Join(left, ",")
}

// regions returns the regions that the lab serves, the first one first.
func (id *identity) regions() []string {
	return strings.Split(cmp.Or(id.Regions, id.Region), ",")
}

// leftRegions returns the regions that the lab has served before and does not serve now.
func (id *identity) leftRegions() []string {
	if id.Left == "" {
		return nil
	}
	return strings.Split(id.Left, ",")
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
