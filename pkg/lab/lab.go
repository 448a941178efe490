package lab

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
	"muster/pkg/lab/signature"
)

// Kept selects the use of Options.Instances if the data directory has instances already.
type Kept int

// AddToKept adds the instances that are not there yet, LeaveKept ignores them all, RefuseKept returns ErrKept.
const (
	AddToKept Kept = iota
	LeaveKept
	RefuseKept
)

// ErrKept reports that a data directory has instances already.
var ErrKept = errors.New("there are instances already")

// Options configure a lab. The zero Options are a lab without instances in cn-hangzhou. In a data directory that a lab has used
// before, the region, account, key and instances are those of the directory, and Kept decides about Instances.
type Options struct {
	Region          string                                     // a region of the service; empty: the first of Regions, or that of the data directory, or RegionIfNew
	Regions         []string                                   // all regions that the lab serves, the first of which is Region; empty: those of the data directory, or only Region
	RegionIfNew     string                                     // empty: cn-hangzhou
	Instances       []Instance                                 // such as NumberedInstances or a fleet file has
	InstancesOf     func(region string, first bool) []Instance // returns further instances, of each region that is served; may be nil
	Kept            Kept                                       // what to do with Instances if the data directory has some
	Preset          Preset                                     // of a fleet file; ignored if the data directory has commands or invocations
	Data            string                                     // the data directory; empty: nothing is kept
	Dir             string                                     // for the files of instances; empty: in Data, or a temporary directory that Close removes
	AccessKeyId     string                                     // empty: random
	AccessKeySecret string                                     // empty: random
	AccountId       string
	Version         string        // of the program, for the health check
	Limits          assist.Limits // zero fields are the defaults
	Clock           Clock         // of schedules; nil: the system's
	Alone           bool          // no other code in this process starts children in sessions of their own; on Linux the lab may then adopt, and kill, what its scripts orphan
	AllowRemote     bool          // the lab may be served where other machines reach it
	AllowHosts      []string      // names that the Host of a request may have besides those of this machine, with any port
	TLS             bool          // serve HTTPS, with a certificate of the lab's own authority
	Faults          []Fault
	FaultSeed       uint64           // decides which chances faults with a Share take, and what simulations without a Seed draw
	Log             *slog.Logger     // of errors inside the lab; nil: discarded
	OnCall          func(LoggedCall) // called after each call, one at a time; may be nil

	// MinDurationSeconds is the least DurationSeconds of the keys of a role. Zero stands for the service's 900.
	MinDurationSeconds int64
	// AnyOIDCToken makes AssumeRoleWithOIDC accept any token, so that everyone who reaches the lab can run scripts. It excludes
	// AllowRemote. Without it, the token must be the lab's AccessKeySecret.
	AnyOIDCToken bool
}

// Lab is a Cloud Assistant on this machine. It is an [http.Handler] and safe for concurrent use. It must be closed.
type Lab struct {
	activity                   // used with resetting read-locked
	resetting     sync.RWMutex // locked while the activity is replaced
	identity      identity
	isNew         bool // there was nothing in the data directory
	authenticator authenticator
	storage       keep.Storage
	data          string // the data directory, or empty
	dir           string // of the files of instances
	version       string // of the program
	allowHosts    hostNames
	remote        bool // other machines may reach it
	tls           bool // it is served over HTTPS
	limits        assist.Limits
	issues        issueRules
	clock         Clock
	log           *slog.Logger
	operations    map[string]operation
	startFaults   []Fault
	faultSeed     uint64
	dirs          instanceDirs
	discarding    sync.WaitGroup // see discard
	retention     retention
	callLog       callLog
	buffers       buffers
	agentServer   atomic.Pointer[AgentServer] // nil as long as no agents are served
	leaving       leavingHosts
	agentKicker   atomic.Pointer[agentKicker] // nil as long as no agents are served
	temporary     *TemporaryDir               // to be removed; nil if the work directory was given

	ended         sync.Once
	stopOnce      sync.Once
	stopRequested chan struct{} // closed by LabStop

	mu sync.Mutex // guards calls
}

// New returns a lab. The error is a [keep.InUseError] if another lab uses the data directory, and a [keep.DamagedError] if its
// database cannot be read.
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
	if len(o.Regions) > 0 {
		o.Region = cmp.Or(o.Region, o.Regions[0])
	}
	l := &Lab{
		storage:    keep.NoStorage{},
		data:       o.Data,
		version:    o.Version,
		remote:     o.AllowRemote,
		allowHosts: o.AllowHosts,
		tls:        o.TLS,
		limits:     withDefaults(o.Limits),
		issues:     issueRules{cmp.Or(o.MinDurationSeconds, assist.MinDurationSeconds), o.AnyOIDCToken},
		clock:      o.Clock,
		log:        o.Log,
		activity:   activity{tokens: newTokens(), faults: newFaults(o.FaultSeed), calls: map[string]int{}},

		startFaults: o.Faults,
		faultSeed:   o.FaultSeed,

		stopRequested: make(chan struct{}),
	}
	if err := l.loadIdentity(o, db); err != nil {
		return nil, err
	}
	if err := l.identity.checkRegions(); err != nil {
		return nil, err
	}
	if o.InstancesOf != nil {
		for i, region := range l.identity.regions() {
			o.Instances = append(slices.Clip(o.Instances), o.InstancesOf(region, i == 0)...)
		}
	}
	makeSites(l, new(counters))
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.clock == nil {
		l.clock = systemClock{}
	}
	l.authenticator = authenticator{l.identity.Key, l.clock, signature.NewNonces(time.Now)}
	l.operations = operations()
	l.callLog.secret, l.callLog.report = l.identity.Key.Secret, o.OnCall
	if err := l.faults.set(o.Faults); err != nil {
		return nil, err
	}
	if err := l.loadInstances(o, db); err != nil {
		return nil, err
	}
	if err := l.served.checkFaults(o.Faults); err != nil {
		return nil, err
	}
	dir, err := l.workDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("make the lab's work directory: %w", err)
	}
	if db != nil {
		l.keepIn(db)
	}
	l.dir = dir
	l.dirs = instanceDirs{filepath.Join(dir, "instances")}
	l.agents = newAgents(newRunner(filepath.Join(dir, "bin"), o.Alone, l), l)
	l.fileSender = newFileSender(l)
	for _, h := range l.served.allManaged() {
		if h.get().Managed.Enrolment != nil {
			h.set(func(it *Instance) { it.Online = false }) // until its agent connects
			enrol(l, h)
		}
	}
	l.faults.applyToInstances(l.served.hosts())
	addPreset(l, o.Preset)
	l.countInvocations()
	if db != nil {
		finishDiscarding(l)
	}
	l.resume()
	if db != nil {
		if err := l.storage.Flush(); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	return l, nil
}

// loadInstances sets up the instances of the lab and, from a database, everything that it knew.
func (l *Lab) loadInstances(o Options, db *keep.Database) (err error) {
	seeds := newSeeds(o.FaultSeed)
	if db == nil {
		return setInstances(l, o.Instances, seeds)
	}
	if err := (keep.Owner{Pid: os.Getpid()}).Write(l.data); err != nil {
		return err
	}
	return l.load(o, db, seeds)
}

// keepIn makes a database the storage of the lab.
func (l *Lab) keepIn(db *keep.Database) {
	setStorage(l, db)
	db.Write(keep.Set(ofLab, identityKey, l.identity))
	for _, h := range l.everywhere().hosts() {
		h.storage = db
		db.Write(h.kept())
	}
}

// Abandon removes the records of a lab whose start has failed, if there were none before [New]. So the next lab in that data directory
// can have other instances. Close is still needed.
func (l *Lab) Abandon() {
	if !l.isNew {
		return
	}
	for _, kind := range kinds() {
		l.storage.Write(keep.Clear(kind))
	}
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

// Close kills all scripts, waits for their processes, and removes temporary directories. A closed lab refuses all calls.
func (l *Lab) Close() error {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	l.fileSender.close()
	l.agents.close()
	l.discarding.Wait()
	var err error
	l.ended.Do(func() {
		if l.data != "" {
			err = keep.RemoveOwner(l.data) // before another lab can use the directory
		}
		err = errors.Join(err, l.storage.Close())
	})
	if l.temporary == nil {
		return err
	}
	return errors.Join(err, l.temporary.Remove())
}
