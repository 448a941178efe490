//go:build unix

package cmd

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/assist/hostile"
	"muster/pkg/lab"
)

var (
	chaosSeeds = flag.Int("chaos.seeds", 0, "how many runs TestChaos kills; by default 200, and 12 with -short or the race detector")
	chaosFirst = flag.Int("chaos.first", 1, "the first of these seeds")
	chaosSeed  = flag.Int("chaos.seed", -1, "the one run that TestChaos kills, and says more about")
)

// chaosAtOnce is larger than the number of processors: most of the time is spent waiting.
const chaosAtOnce = 6

// TestChaos kills musters at every boundary of their runs and at random times, on labs that lose responses, throttle or fail calls,
// and refuse instances. Then it resumes the runs. According to each lab's own records, every target ran exactly once, or not at all
// if the report says so, and the report agrees with the records.
func TestChaos(t *testing.T) {
	seeds, first := *chaosSeeds, *chaosFirst
	switch {
	case *chaosSeed >= 0:
		seeds, first = 1, *chaosSeed
	case seeds == 0 && (testing.Short() || raceEnabled):
		seeds = 12
	case seeds == 0:
		seeds = 200
	}
	tally := &chaosTally{boundaries: map[string]int{}, faults: map[string]int{}}
	var group errgroup.Group
	group.SetLimit(chaosAtOnce)
	for seed := first; seed < first+seeds && !t.Failed(); seed++ {
		group.Go(func() error {
			c := drawChaos(uint64(seed))
			if err := c.carryOut(t, tally); err != nil {
				t.Errorf("%s:\n%v", c, err)
			}
			return nil
		})
	}
	_ = group.Wait()
	t.Log(tally)
	if seeds >= 200 && !t.Failed() {
		tally.wantAllBoundaries(t)
	}
}

// chaosTally adds up what happened.
type chaosTally struct {
	mu                                       sync.Mutex
	seeds, processes, targets                int
	once, never, twice, lost                 int
	fromOutside, asked, powerLosses, nothing int
	boundaries, faults                       map[string]int
}

func (y *chaosTally) add(change func()) {
	y.mu.Lock()
	defer y.mu.Unlock()
	change()
}

func (y *chaosTally) String() string {
	inside := 0
	var list, faults []string
	for _, name := range slices.Sorted(maps.Keys(y.boundaries)) {
		inside += y.boundaries[name]
		list = append(list, fmt.Sprintf("%s %d", name, y.boundaries[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(y.faults)) {
		faults = append(faults, fmt.Sprintf("%s %d", name, y.faults[name]))
	}
	return fmt.Sprintf(`%d seeds, %d processes: %d killed at a boundary, %d at a random time, %d of them with a loss of what was not flushed; %d asked to end
%d targets: %d taken once, %d never, as reported; %d twice, %d lost; %d runs were killed before they began
boundaries: %s
faults: %s`, y.seeds, y.processes, inside, y.fromOutside, y.powerLosses, y.asked, y.targets, y.once, y.never, y.twice, y.lost, y.nothing,
		strings.Join(list, ", "), strings.Join(faults, ", "))
}

// wantAllBoundaries checks that the test covers every kind of boundary.
func (y *chaosTally) wantAllBoundaries(t *testing.T) {
	for _, boundary := range chaosBoundaries() {
		if y.boundaries[boundary] == 0 {
			t.Errorf("no process was killed %s", boundary)
		}
	}
	for _, what := range []int{y.fromOutside, y.asked, y.powerLosses, y.nothing} {
		if what == 0 {
			t.Errorf("something has never happened: %s", y)
		}
	}
}

// chaosLab is where a seed's processes run, and the lab that they call.
type chaosLab struct {
	lab  *lab.Lab
	dir  string // of the processes
	home string // of the instances
	env  []string
	call *assist.Client // another client
}

func (c *chaos) carryOut(t *testing.T, tally *chaosTally) (err error) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	l, end, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	last, began, err := c.processes(ctx, l, tally)
	if err == nil && last.code == exitStopped && !strings.Contains(last.stdout, `"unknown": 0`) {
		// Without faults, everything that was accepted shows up in the lab, so that calls in doubt can be settled.
		if err = l.lab.SetFaults(nil); err == nil {
			last, err = l.muster(ctx, l.env, nil, 0, "runs", "resume", "last", "--output", "json")
		}
	}
	if err == nil && last.code == exitUsage && strings.Contains(last.stderr, "was stopped by --max-failures") {
		// It had settled, and was killed before it could report that.
		if last, err = l.muster(ctx, l.env, nil, 0, "runs", "show", "last", "--output", "json"); err == nil {
			last.code = exitStopped
		}
	}
	if err == nil && began {
		err = c.check(ctx, l, last, tally)
	}
	if err != nil {
		events, _ := os.ReadFile(journalIn(l.dir))
		return fmt.Errorf("%w\nthe last process ended with %d and said: %s\nthe journal:\n%s\nthe executions:\n%+v", err, last.code, last.stderr, events, l.lab.Executions())
	}
	tally.add(func() {
		tally.seeds++
		for name, n := range l.lab.FaultCounts() {
			name, _, _ = strings.Cut(name, "@")
			name, _, _ = strings.Cut(name, ":")
			tally.faults[name] += n
		}
	})
	return nil
}

func (c *chaos) open(ctx context.Context) (*chaosLab, func() error, error) {
	dir, err := os.MkdirTemp("", "muster-chaos-")
	if err != nil {
		return nil, nil, err
	}
	var faults []lab.Fault
	for _, text := range c.faults {
		fault, err := lab.ParseFault(text)
		if err != nil {
			return nil, nil, err
		}
		faults = append(faults, fault)
	}
	l := &chaosLab{dir: dir, home: filepath.Join(dir, "lab")}
	l.lab, err = lab.New(lab.Options{Region: labRegion, Instances: c.fleet(), Dir: l.home, Faults: faults, FaultSeed: c.seed})
	if err != nil {
		return nil, nil, err
	}
	server, err := lab.Start(ctx, l.lab, "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	endpoint, endFront, err := c.front(l.lab, server.Endpoint())
	if err != nil {
		return nil, nil, err
	}
	id, secret := l.lab.Key()
	l.env = append(os.Environ(), "HOME="+dir, "XDG_STATE_HOME="+dir, chaosDir+"="+dir, "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
		"ALIBABA_CLOUD_ENDPOINT="+endpoint, "ALIBABA_CLOUD_ACCESS_KEY_ID="+id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+secret,
		"ALIBABA_CLOUD_REGION_ID="+labRegion)
	transport := assist.NewTransport(assist.Timeouts{})
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: assist.Endpoint{Host: server.Endpoint()}, Credentials: assist.StaticCredentials(id, secret), Transport: transport, UserAgent: "other",
	})
	if err != nil {
		return nil, nil, err
	}
	l.call = assist.NewClient(core)
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("chaos\n"), 0o600); err != nil {
		return nil, nil, err
	}
	_, err = l.call.CreateCommand(ctx, &assist.CreateCommandRequest{
		RegionId: labRegion, Name: "chaos", Type: "RunShellScript", ContentEncoding: assist.PlainText, CommandContent: chaosScript,
	})
	return l, func() error {
		transport.CloseIdleConnections()
		endFront()
		return errors.Join(server.Close(), l.lab.Close(), os.RemoveAll(dir))
	}, err
}

// front is the lab's endpoint, or that of a hostile service in front of it.
func (c *chaos) front(good http.Handler, endpoint string) (string, func(), error) {
	if c.hostile == "" {
		return endpoint, func() {}, nil
	}
	way, ok := hostile.ByName(c.hostile)
	if !ok {
		return "", nil, fmt.Errorf("there is no way %q to be hostile", c.hostile)
	}
	bad := hostile.Handler(good, c.hostileTo, way)
	var calls atomic.Uint64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (calls.Add(1)+c.seed)%10 == 0 {
			bad.ServeHTTP(w, r)
			return
		}
		good.ServeHTTP(w, r)
	}))
	return strings.TrimPrefix(server.URL, "http://"), server.Close, nil
}

// ended is the end of a process.
type ended struct {
	code           int // -1 if it was killed
	stdout, stderr string
}

// processes runs processes that die, one after another, until one finishes. A run that was killed too early cannot be resumed.
func (c *chaos) processes(ctx context.Context, l *chaosLab, tally *chaosTally) (last ended, began bool, err error) {
	args := c.args()
	for number := 0; ; number++ {
		var how death
		if number < len(c.deaths) {
			how = c.deaths[number]
		}
		if last, err = c.process(ctx, l, how, args, tally); err != nil {
			return last, false, err
		}
		interrupted := last.code == exitInterrupted && how.asked
		if last.code >= 0 && !interrupted && (number > 0 || journalIn(l.dir) != "") {
			if number > 0 && last.code == exitFailed && c.sentNothing(l) && strings.Contains(last.stderr, "nothing was sent") {
				tally.add(func() { tally.nothing++ })
				return last, false, nil
			}
			return last, true, nil
		}
		if journalIn(l.dir) == "" { // before its journal existed
			if !c.sentNothing(l) {
				return last, false, errors.New("there is no journal, and something was sent")
			}
			tally.add(func() { tally.nothing++ })
			return last, false, nil
		}
		args = []string{"runs", "resume", "last", "--output", "json", "--quiet", "--rate", "0"}
	}
}

func (c *chaos) sentNothing(l *chaosLab) bool {
	calls := l.lab.Calls()
	return calls["RunCommand"]+calls["InvokeCommand"]+calls["SendFile"] == 0
}

func (c *chaos) process(ctx context.Context, l *chaosLab, how death, args []string, tally *chaosTally) (ended, error) {
	env := append(slices.Clone(l.env), chaosPoint+"="+strconv.Itoa(how.point), chaosAt+"="+how.at)
	var signal os.Signal
	if how.after > 0 {
		if signal = syscall.SIGKILL; how.asked {
			signal = syscall.SIGTERM
		}
	}
	_ = os.Remove(filepath.Join(l.dir, "boundary"))
	last, err := l.muster(ctx, env, signal, how.after, args...)
	if err != nil {
		return last, err
	}
	tally.add(func() { tally.processes++ })
	if last.code >= 0 {
		if how.asked && last.code == exitInterrupted {
			tally.add(func() { tally.asked++ })
		}
		return last, nil
	}
	boundary, _ := os.ReadFile(filepath.Join(l.dir, "boundary"))
	lost := how.losing && losePower(l.dir, c.dice)
	tally.add(func() {
		if len(boundary) > 0 {
			tally.boundaries[string(boundary)]++
		} else {
			tally.fromOutside++
		}
		if lost {
			tally.powerLosses++
		}
	})
	return last, nil
}

// muster runs the real main in a process of its own, and may send a signal to it.
func (l *chaosLab) muster(ctx context.Context, env []string, signal os.Signal, after time.Duration, args ...string) (ended, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "muster", args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = l.dir, env, &stdout, &stderr
	if err := cmd.Start(); err != nil {
		return ended{}, err
	}
	if signal != nil {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(signal) })
		defer timer.Stop()
	}
	err := cmd.Wait()
	if ctx.Err() != nil {
		err = fmt.Errorf("muster %q lasts for ever", args)
	} else if _, exited := errors.AsType[*exec.ExitError](err); exited {
		err = nil
	}
	return ended{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, err
}

// losePower removes unflushed bytes from the end of the journal, or replaces them by zeros.
func losePower(dir string, dice *rand.Rand) bool {
	text, err := os.ReadFile(filepath.Join(dir, "safe"))
	if err != nil {
		return false
	}
	safe, err := strconv.ParseInt(string(text), 10, 64)
	info, statErr := os.Stat(journalIn(dir))
	if err != nil || statErr != nil || info.Size() <= safe {
		return false
	}
	from := safe + dice.Int64N(info.Size()-safe)
	if dice.IntN(2) == 0 {
		return os.Truncate(journalIn(dir), from) == nil
	}
	file, err := os.OpenFile(journalIn(dir), os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	_, err = file.WriteAt(make([]byte, 1+dice.Int64N(info.Size()-from)), from)
	return errors.Join(err, file.Close()) == nil
}
