package lab

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// maxActivations is the number of activations of a region. Newer documents of the service have a limit of 10, and at most 10 instances
// and 4 hours each; the lab has the limits of the older ones.
const maxActivations = 5000

// activation is an activation code. It is immutable; a use replaces it.
type activation struct {
	Sequence        uint64
	Region          string `json:",omitempty"` // empty for the first region of the lab
	ActivationId    string
	CodeHash        []byte // SHA-256
	InstanceName    string
	Description     string
	InstanceCount   int64
	Hours           int64
	IpAddressRange  string
	ResourceGroupId string
	Tags            []assist.TagPair
	Created         time.Time
	Disabled        bool
	Registered      int64
	Deregistered    int64
}

// activations are the activation codes of a region.
type activations struct {
	storage  keep.Storage
	region   string // in its records; empty for the first region of the lab
	counters *counters

	mu   sync.Mutex
	byID map[string]*activation
}

func newActivations() *activations {
	return &activations{storage: keep.NoStorage{}, counters: new(counters), byID: map[string]*activation{}}
}

// newActivationCode returns a code that cannot be guessed.
func newActivationCode(region string) string { return "a-" + regionMark(region) + "0" + rand.Text() }

func hashCode(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// add adds an activation, or refuses it beyond the quota.
func (s *activations) add(a activation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byID) >= maxActivations {
		return assist.Refusal(http.StatusBadRequest, "ActivationCount.ExceedLimit",
			fmt.Sprintf("The count of activation in current region exceeds the limit of %d.", maxActivations))
	}
	a.Sequence, a.Region = s.counters.activations.Add(1), s.region
	s.put(&a)
	return nil
}

// put adds or replaces an activation; s.mu is held.
func (s *activations) put(a *activation) {
	s.byID[a.ActivationId] = a
	s.storage.Write(keep.Set(ofActivation, keep.Key(a.Sequence), a))
}

// disable makes an activation unusable.
func (s *activations) disable(id string) (*activation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[id]
	if a == nil {
		return nil, unknownActivation()
	}
	next := *a
	next.Disabled = true
	s.put(&next)
	return &next, nil
}

// remove removes an activation, unless an instance is registered with it.
func (s *activations) remove(id string) (*activation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[id]
	switch {
	case a == nil:
		return nil, unknownActivation()
	case a.Registered > 0:
		return nil, assist.Refusal(http.StatusForbidden, "ActivationId.InUse",
			fmt.Sprintf("The specified activation id is in use: %d instances are registered with it.", a.Registered))
	}
	delete(s.byID, id)
	s.storage.Write(keep.Remove(ofActivation, keep.Key(a.Sequence)))
	return a, nil
}

func unknownActivation() error {
	return assist.Refusal(http.StatusNotFound, "ActivationId.NotFound", "The specified activation id does not exist.")
}

// newest returns the activations with a sequence number below before, newest first.
func (s *activations) newest(before uint64) []*activation {
	s.mu.Lock()
	var list []*activation
	for _, a := range s.byID {
		if a.Sequence < before {
			list = append(list, a)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b *activation) int { return int(b.Sequence) - int(a.Sequence) })
	return list
}

// use counts a registration with an activation, if a host with an address may use it now. The error is a [*RegistrationError].
func (s *activations) use(id, code string, remote netip.Addr, now time.Time) (*activation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byID[id]
	if a == nil {
		return nil, &RegistrationError{ActivationUnknown, "the region has no such activation"}
	}
	if err := a.check(code, remote, now); err != nil {
		return nil, err
	}
	next := *a
	next.Registered++
	s.put(&next)
	return &next, nil
}

// check returns the reason why a host may not register, or nil. It says no more than that the code is wrong if it is.
func (a *activation) check(code string, remote netip.Addr, now time.Time) error {
	switch {
	case subtle.ConstantTimeCompare(hashCode(code), a.CodeHash) != 1:
		return &RegistrationError{ActivationCodeWrong, "the activation code is wrong"}
	case a.Disabled:
		return &RegistrationError{ActivationDisabled, "the activation is disabled"}
	case !now.Before(a.expires()):
		return &RegistrationError{ActivationExpired, "the activation has expired at " + assist.FormatTime(a.expires())}
	case a.Registered+a.Deregistered >= a.InstanceCount:
		return &RegistrationError{ActivationUsedUp, fmt.Sprintf("the activation was for %d registrations, and all of them were made", a.InstanceCount)}
	case !a.allows(remote):
		return &RegistrationError{ActivationAddressRefused, "the activation is not for hosts with the address " + remote.String()}
	}
	return nil
}

func (a *activation) expires() time.Time { return a.Created.Add(time.Duration(a.Hours) * time.Hour) }

func (a *activation) allows(remote netip.Addr) bool {
	if a.IpAddressRange == "" {
		return true
	}
	allowed, err := assist.ParseAddressRange(a.IpAddressRange)
	return err == nil && allowed.Contains(remote.Unmap().WithZone(""))
}

// nameOf returns the name of the instance that was registered last: the prefix with a number, or the host name without a prefix. It has as
// many digits as the greatest number, at least three.
func (a *activation) nameOf(prefix, hostname string) string {
	if prefix == "" {
		return hostname
	}
	digits := max(3, len(fmt.Sprint(a.InstanceCount)))
	return fmt.Sprintf("%s-%0*d", prefix, digits, a.Registered+a.Deregistered)
}

// deregistered counts an instance that is no longer registered.
func (s *activations) deregistered(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.byID[id]; a != nil && a.Registered > 0 {
		next := *a
		next.Registered--
		next.Deregistered++
		s.put(&next)
	}
}

// loadActivations reads the activations of all regions.
func (all sites) loadActivations(db *keep.Database) error {
	return keep.ReadAll(db, ofActivation, func(_ string, a *activation) error {
		i := slices.IndexFunc(all, func(s site) bool { return s.activations.region == a.Region })
		if i < 0 {
			return unknownSite(a.Region)
		}
		s := all[i].activations
		s.byID[a.ActivationId] = a
		reach(&s.counters.activations, a.Sequence)
		return nil
	})
}

// usage returns the activation as the API shows it.
func (a *activation) usage() assist.ActivationUsage {
	return assist.ActivationUsage{
		ActivationId: a.ActivationId, InstanceName: a.InstanceName, Description: a.Description, InstanceCount: a.InstanceCount,
		RegisteredCount: a.Registered, DeregisteredCount: a.Deregistered, TimeToLiveInHours: a.Hours, IpAddressRange: a.IpAddressRange,
		CreationTime: assist.FormatTime(a.Created),
	}
}

// regionMark returns the part of the ids of managed instances that stands for their region, such as hz for cn-hangzhou.
func regionMark(region string) string {
	if marks := map[string]string{"cn-hangzhou": "hz", "cn-shanghai": "sh", "cn-beijing": "bj", "cn-shenzhen": "sz"}; marks[region] != "" {
		return marks[region]
	}
	var mark strings.Builder
	for part := range strings.SplitSeq(region, "-") {
		mark.WriteString(part[:min(1, len(part))])
	}
	return mark.String()
}
