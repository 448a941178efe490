package lab

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// Simulation describes how an instance simulates tasks: no process is started, and a task ends after a random time, with a
// random exit code and output. The random values of a task depend only on the seed, the instance and the task's number on that
// instance.
type Simulation struct {
	Duration Distribution
	Exit     []ExitShare `json:",omitempty"` // if empty, the exit code is 0
	Size     int         `json:",omitempty"` // of the output, in bytes; 0 for the length of the text
	Text     string      `json:",omitempty"` // the output, repeated or cut to Size; if empty, random lines
	Seed     *uint64     `json:",omitempty"` // nil for the lab's FaultSeed
}

// Distribution is a distribution of durations: uniform between Least and Most, or, if there is a Median, log-normal with P99 as
// the 99th percentile.
type Distribution struct {
	Least, Most time.Duration `json:",omitempty"`
	Median, P99 time.Duration `json:",omitempty"`
}

// ExitShare is an exit code, with the percentage of the tasks that end with it.
type ExitShare struct {
	Code    int
	Percent float64
}

// simulatedRun identifies a run of a task on an instance.
type simulatedRun struct {
	instanceID string
	task, run  int64 // numbers from 1
}

// maxSimulated is the longest duration, which is the longest timeout of a command.
const maxSimulated = 24 * time.Hour

// The streams of random values of a run. Each is independent of the others.
const (
	endStream    = "life" // the duration and the exit code
	outputStream = "output"
)

func (s *Simulation) rand(stream string, run simulatedRun) *rand.Rand {
	var seed uint64
	if s.Seed != nil {
		seed = *s.Seed
	}
	return newRand(seed, "%s %s %d %d", stream, run.instanceID, run.task, run.run)
}

// draw returns how long a run lasts and how it exits, if nothing ends it earlier.
func (s *Simulation) draw(run simulatedRun) (lasts time.Duration, exitCode int) {
	rng := s.rand(endStream, run)
	return s.Duration.draw(rng), drawExit(s.Exit, rng.Float64()*100)
}

// normalP99 is the 99th percentile of the standard normal distribution.
const normalP99 = 2.3263478740408408

func (d Distribution) draw(rng *rand.Rand) time.Duration {
	if d.Median == 0 {
		return d.Least + time.Duration(rng.Int64N(int64(d.Most-d.Least)+1))
	}
	deviation := math.Log(float64(d.P99)/float64(d.Median)) / normalP99
	lasts := float64(d.Median) * math.Exp(deviation*rng.NormFloat64())
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
	return shares[len(shares)-1].Code // reached only because the sum of the shares is rounded
}

// output returns the output of a run. text is the Text with the instance's parameters filled in. The output is computed on
// demand, and not stored.
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

// lines returns lines of 63 random letters.
func (s *Simulation) lines(run simulatedRun) []byte {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"
	rng, out := s.rand(outputStream, run), make([]byte, s.Size)
	var bits uint64
	for i := range out {
		if i%8 == 0 {
			bits = rng.Uint64()
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

// Simulate makes all instances simulate their tasks.
func Simulate(instances []Instance, s *Simulation) {
	for i := range instances {
		instances[i].Simulation = s
	}
}

// seeds assigns the seed of a lab to simulations without a seed of their own.
type seeds struct {
	seed     uint64
	assigned map[*Simulation]*Simulation
}

func newSeeds(seed uint64) seeds { return seeds{seed, map[*Simulation]*Simulation{}} }

// assign returns a simulation with a seed. Instances that share a simulation share the result, too.
func (s seeds) assign(to *Simulation) *Simulation {
	if to == nil || to.Seed != nil {
		return to
	}
	seeded := s.assigned[to]
	if seeded == nil {
		seeded = new(Simulation)
		*seeded = *to
		seeded.Seed = &s.seed
		s.assigned[to] = seeded
	}
	return seeded
}

// newRand returns a source of random values that depend only on the seed and the formatted text.
func newRand(seed uint64, format string, args ...any) *rand.Rand {
	stream := fnv.New64a()
	_, _ = fmt.Fprintf(stream, format, args...)
	return rand.New(rand.NewPCG(seed, stream.Sum64()))
}
