package lab

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
	"muster/pkg/lab/signature"
)

// Kept says what becomes of the options' instances where a data directory has instances already.
type Kept int

// The kept instances are added to, or left alone, or an error.
const (
	AddToKept Kept = iota
	LeaveKept
	RefuseKept
)

// ErrKept tells that a data directory has instances already.
var ErrKept = errors.New("there are instances already")

// Options say what lab to make. The zero Options are one without instances in cn-hangzhou. A lab that is made in a data
// directory for the second time has its region, account and key from there, and its instances too: those of the options
// are added that it does not have.
type Options struct {
	Region          string     // a region of the service; when empty that of the data directory, or RegionIfNew
	RegionIfNew     string     // cn-hangzhou when empty
	Instances       []Instance // Fleet makes some
	Kept            Kept       // what becomes of Instances where the data directory has some
	Data            string     // a directory where the lab keeps all that it knows; empty: it keeps nothing
	Dir             string     // where instances keep their files; empty: in Data, or a temporary directory, which Close removes
	AccessKeyId     string     // random when empty
	AccessKeySecret string     // random when empty
	AccountId       string
	Limits          assist.Limits // what is zero in it is the default
	Clock           Clock         // what schedules go by; nil is the system's
	Alone           bool          // no child of this process but the lab's has a session of its own: on Linux, what scripts disown ends with it then
	AllowRemote     bool          // it may be served where other machines reach it
	Faults          []Fault       // what is to go wrong
	FaultSeed       uint64        // which ones of their chances those with a Share take, and what simulations without a Seed draw
	Log             *slog.Logger  // hears of faults inside the lab; nil is silence

	// MinDurationSeconds is the least DurationSeconds of the keys of a role. Zero is the service's, 900.
	MinDurationSeconds int64
	// AnyOIDCToken makes AssumeRoleWithOIDC take any token, so that whoever reaches the lab can run scripts. It excludes
	// AllowRemote. Without it, the token must be the lab's AccessKeySecret.
	AnyOIDCToken bool
}

// Lab is a Cloud Assistant on this machine, as an http.Handler. It must be closed. It is safe for concurrent use.
type Lab struct {
	own        site
	identity   identity
	keep       keep.Keeper
	data       string // its data directory; empty when it has none
	remote     bool   // it may be served where other machines reach it
	limits     assist.Limits
	issues     issueRules
	clock      Clock
	log        *slog.Logger
	operations map[string]operation
	nonces     *signature.Nonces
	tokens     *tokens
	agents     *agents
	fileSender *fileSender
	faults     *faults
	retention  retention
	buffers    buffers
	temporary  *TemporaryDir // to remove in the end; nil when the work directory was given

	ended sync.Once

	mu    sync.Mutex
	calls map[string]int
}

// site is what the lab has in one region: in its own everything, in the service's others nothing.
type site struct {
	region    string
	inventory *inventory
	store     *store
	files     *fileStore
}

// New makes a lab. In a data directory that another lab has, the error is an InUseError.
func New(o Options) (*Lab, error) {
	if o.AnyOIDCToken && o.AllowRemote {
		return nil, errors.New("a lab for other machines cannot take any OIDC token")
	}
	if o.Data == "" {
		return newLabOn(o, nil)
	}
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return nil, fmt.Errorf("find the lab's data directory: %w", err)
	}
	o.Data, o.Dir = data, cmp.Or(o.Dir, data)
	db, err := keep.Open(data, kinds()...)
	if err != nil {
		return nil, err
	}
	l, err := newLabOn(o, db)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the lab in %s: %w", data, err), db.Close())
	}
	return l, nil
}

func newLabOn(o Options, db *keep.Database) (*Lab, error) {
	l := &Lab{
		keep:   keep.NoKeeper{},
		data:   o.Data,
		remote: o.AllowRemote,
		limits: withDefaults(o.Limits),
		issues: issueRules{cmp.Or(o.MinDurationSeconds, assist.MinDurationSeconds), o.AnyOIDCToken},
		clock:  o.Clock,
		log:    o.Log,
		nonces: signature.NewNonces(time.Now),
		tokens: newTokens(),
		faults: newFaults(o.FaultSeed),
		calls:  map[string]int{},
	}
	if err := l.identify(o, db); err != nil {
		return nil, err
	}
	region := l.identity.Region
	if !KnownRegion(region) {
		return nil, fmt.Errorf("region %q: the service has no such region", region)
	}
	l.own = site{region: region, store: newStore(), files: newFileStore()}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.clock == nil {
		l.clock = systemClock{}
	}
	l.operations = operations()
	if err := l.faults.set(o.Faults); err != nil {
		return nil, err
	}
	if err := l.loadInstances(o, db); err != nil {
		return nil, err
	}
	if err := l.knowInstances(o.Faults); err != nil {
		return nil, err
	}
	dir, err := l.workDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("make the lab's work directory: %w", err)
	}
	l.agents = newAgents(dir, o.Alone, l)
	l.fileSender = newFileSender(l)
	l.strikeInstances()
	if db != nil {
		l.resume()
		if err := l.keep.Flush(); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	return l, nil
}

// furnish gives the lab its instances and, from a database, all that it knew.
func (l *Lab) loadInstances(o Options, db *keep.Database) (err error) {
	seeds := newSeeds(o.FaultSeed)
	if db == nil {
		l.own.inventory, err = newInventory(l.own.region, o.Instances, seeds)
		return err
	}
	if err := (keep.Owner{Pid: os.Getpid()}).Write(l.data); err != nil {
		return err
	}
	if err := l.load(o, db, seeds); err != nil {
		return err
	}
	l.keep, l.own.store.keep, l.own.files.keep, l.tokens.keep = db, db, db, db
	db.Write(keep.Set(ofLab, identityKey, l.identity))
	for _, h := range l.own.inventory.hosts {
		h.keep = db
		db.Write(h.kept())
	}
	return nil
}

func withDefaults(limits assist.Limits) assist.Limits {
	standard := assist.DefaultLimits()
	return assist.Limits{
		RunInstances:    cmp.Or(limits.RunInstances, standard.RunInstances),
		InvokeInstances: cmp.Or(limits.InvokeInstances, standard.InvokeInstances),
		PageSize:        cmp.Or(limits.PageSize, standard.PageSize),
	}
}

func (l *Lab) workDir(given string) (string, error) {
	if given == "" {
		dir, err := makeTemporaryDir(os.TempDir())
		if err != nil {
			return "", err
		}
		l.temporary = dir
		return dir.Path, nil
	}
	dir, err := filepath.Abs(given) // scripts run in other directories than the lab
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o700)
}

// Key is what to sign calls with.
func (l *Lab) Key() (id, secret string) { return l.identity.Key.Id, l.identity.Key.Secret }

// Region is the one that has the lab's instances.
func (l *Lab) Region() string { return l.own.region }

// Size is how many instances the lab has.
func (l *Lab) Size() int { return len(l.own.inventory.hosts) }

// Failed is closed when the lab's data directory takes nothing more, as on a full disk. From then on the lab answers every
// call with an error, and Close says why. It is nil for a lab that keeps nothing.
func (l *Lab) Failed() <-chan struct{} { return l.keep.Failed() }

// Close ends all scripts, waits for their processes, and removes what is temporary. A closed lab refuses all calls.
func (l *Lab) Close() error {
	l.fileSender.close()
	l.agents.close()
	var err error
	l.ended.Do(func() {
		if l.data != "" {
			err = keep.RemoveOwner(l.data) // while the directory is still ours
		}
		err = errors.Join(err, l.keep.Close())
	})
	if l.temporary == nil {
		return err
	}
	return errors.Join(err, l.temporary.Remove())
}

// Calls counts the calls so far by action, refused ones too. Actions that there are none of are not among them.
func (l *Lab) Calls() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[string]int, len(l.calls))
	for action, n := range l.calls {
		counts[action] = n
	}
	return counts
}

func (l *Lab) count(action string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls[action]++
}

// Execution is a script that was started on an instance, or would have been on a simulated one.
type Execution struct {
	InstanceId string
	InvokeId   string
	Start      time.Time
}

// Executions are all scripts that were started so far, in that order.
func (l *Lab) Executions() []Execution { return l.agents.executed() }

// SetInstance changes an instance. One that is no longer Running interrupts its scripts; one that comes online gets what
// has been waiting for it; and one that is Running again has started, which is when NextRebootOnly and EveryReboot run.
func (l *Lab) SetInstance(id string, change func(*Instance)) error {
	h, ok := l.own.inventory.byID[id]
	if !ok {
		return fmt.Errorf("instance %q: the lab has no such instance", id)
	}
	h.set(change)
	return l.keep.Flush()
}

// Reboot has an instance go down, which interrupts its scripts, and start again. One that is not Running is refused.
func (l *Lab) Reboot(id string) error {
	h, ok := l.own.inventory.byID[id]
	if !ok {
		return fmt.Errorf("instance %q: the lab has no such instance", id)
	}
	switch it := h.get(); {
	case it.Managed != nil:
		return fmt.Errorf("instance %q: a managed instance cannot be rebooted", id)
	case !it.running():
		return fmt.Errorf("instance %q: it is %s, and cannot be rebooted", id, it.Status)
	}
	h.reboot()
	return l.keep.Flush()
}

// at gives what the lab has in a region. What is put into another region's store is lost.
func (l *Lab) at(region string) site {
	if region == l.own.region {
		return l.own
	}
	return site{region: region, inventory: &inventory{}, store: newStore(), files: newFileStore()}
}
