package lab

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// Simulation is how an instance only acts as if it ran what it is sent: no process is started, and a task ends after a
// time, with an exit code and an output, which are drawn. What is drawn for a task depends on the seed, the instance and
// which of the instance's tasks it is, and on nothing else.
type Simulation struct {
	Duration Distribution
	Exit     []ExitShare `json:",omitempty"` // none: always 0
	Size     int         `json:",omitempty"` // of the output, in bytes; 0: as long as the text
	Text     string      `json:",omitempty"` // of the output, again and again up to Size; empty: lines that differ
	Seed     *uint64     `json:",omitempty"` // nil: the lab's FaultSeed
}

// Distribution is what durations are drawn from: evenly between Least and Most, or, where there is a Median, log-normally, with
// one in a hundred above P99.
type Distribution struct {
	Least, Most time.Duration `json:",omitempty"`
	Median, P99 time.Duration `json:",omitempty"`
}

// ExitShare is an exit code, and how many of a hundred tasks end with it.
type ExitShare struct {
	Code    int
	Percent float64
}

// turn is which run of which task of an instance is meant.
type simulatedRun struct {
	instanceID string
	task, run  int64 // each from 1
}

// maxSimulated is the longest time-out there is.
const maxSimulated = 24 * time.Hour

// The dice for the different things that are drawn for one turn, so that one of them can be drawn without the others.
const (
	forDuration = "life"
	forOutput   = "output"
)

func (s *Simulation) dice(of string, run simulatedRun) *rand.Rand {
	var seed uint64
	if s.Seed != nil {
		seed = *s.Seed
	}
	return newRand(seed, "%s %s %d %d", of, run.instanceID, run.task, run.run)
}

// draw tells how a run goes that nobody interferes with.
func (s *Simulation) draw(run simulatedRun) (lasts time.Duration, exitCode int) {
	dice := s.dice(forDuration, run)
	return s.Duration.draw(dice), drawExit(s.Exit, dice.Float64()*100)
}

// normalP99 is how many standard deviations above the mean one in a hundred is.
const normalP99 = 2.3263478740408408

func (s Distribution) draw(dice *rand.Rand) time.Duration {
	if s.Median == 0 {
		return s.Least + time.Duration(dice.Int64N(int64(s.Most-s.Least)+1))
	}
	deviation := math.Log(float64(s.P99)/float64(s.Median)) / normalP99
	lasts := float64(s.Median) * math.Exp(deviation*dice.NormFloat64())
	return time.Duration(min(lasts, float64(maxSimulated)))
}

func drawExit(shares []ExitShare, at float64) int {
	if len(shares) == 0 {
		return 0
	}
	for _, share := range shares {
		if at -= share.Percent; at < 0 {
			return share.Code
		}
	}
	return shares[len(shares)-1].Code // the shares' sum is rounded
}

// output makes what a run has written, text being the instance's own. It is made when it is asked for, and not kept.
func (s *Simulation) output(run simulatedRun, text string) []byte {
	switch {
	case s.Size == 0:
		return []byte(text)
	case text == "":
		return s.lines(run)
	}
	out := make([]byte, s.Size)
	for n := copy(out, text); n < len(out); {
		n += copy(out[n:], out[:n])
	}
	return out
}

// lines are random letters, 63 to a line.
func (s *Simulation) lines(run simulatedRun) []byte {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"
	dice, out := s.dice(forOutput, run), make([]byte, s.Size)
	var bits uint64
	for i := range out {
		if i%8 == 0 {
			bits = dice.Uint64()
		}
		out[i], bits = letters[bits&63], bits>>6
		if i%64 == 63 {
			out[i] = '\n'
		}
	}
	if len(out) > 0 {
		out[len(out)-1] = '\n'
	}
	return out
}

// Simulate has instances only act as if they ran scripts.
func Simulate(instances []Instance, s *Simulation) {
	for i := range instances {
		instances[i].Simulation = s
	}
}

// seeds gives a lab's seed to simulations that have none of their own.
type seeds struct {
	seed  uint64
	given map[*Simulation]*Simulation
}

func newSeeds(seed uint64) seeds { return seeds{seed, map[*Simulation]*Simulation{}} }

func (s seeds) assign(to *Simulation) *Simulation {
	if to == nil || to.Seed != nil {
		return to
	}
	own := s.given[to]
	if own == nil {
		own = new(Simulation)
		*own = *to
		own.Seed = &s.seed
		s.given[to] = own
	}
	return own
}

// newRand gives dice of their own to whatever the text names: the same seed and text have the same throws.
func newRand(seed uint64, format string, args ...any) *rand.Rand {
	stream := fnv.New64a()
	_, _ = fmt.Fprintf(stream, format, args...)
	return rand.New(rand.NewPCG(seed, stream.Sum64()))
}
