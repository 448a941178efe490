package lab

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

// ParseSimulation parses a simulation in the syntax of fleet files: a duration such as 2s, or a map such as
// {duration: 2s, exit: {0: 97%, 1: 3%}, output: 24KB}.
func ParseSimulation(text string) (*Simulation, error) {
	n, err := parseYAML([]byte(text))
	if err == nil {
		var s *Simulation
		if s, err = readSimulation(n); err == nil {
			return s, nil
		}
	}
	if inner, ok := errors.AsType[*lineError](err); ok && !strings.Contains(text, "\n") {
		err = inner.err
	}
	return nil, err
}

func readSimulation(n *yaml.Node) (*Simulation, error) {
	s := new(Simulation)
	if n = dereference(n); n.Kind == yaml.ScalarNode {
		var err error
		s.Duration, err = readDistribution(n)
		return s, err
	}
	err := readMap(n, map[string]func(*yaml.Node) error{
		"duration": func(n *yaml.Node) (err error) { s.Duration, err = readDistribution(n); return err },
		"exit":     func(n *yaml.Node) (err error) { s.Exit, err = readExit(n); return err },
		"output":   func(n *yaml.Node) (err error) { s.Size, err = readSize(n); return err },
		"text":     func(n *yaml.Node) (err error) { s.Text, err = readOutputText(n); return err },
		"seed":     func(n *yaml.Node) (err error) { s.Seed, err = readSeed(n); return err },
	})
	return s, err
}

// readDistribution reads a duration, {least: 1s, most: 5s} or {median: 2s, p99: 30s}.
func readDistribution(n *yaml.Node) (Distribution, error) {
	if n = dereference(n); n.Kind == yaml.ScalarNode {
		d, err := readDuration(n, maxSimulated)
		return Distribution{Least: d, Most: d}, err
	}
	var s Distribution
	given := 0
	into := func(d *time.Duration) func(*yaml.Node) error {
		return func(n *yaml.Node) (err error) {
			given++
			*d, err = readDuration(n, maxSimulated)
			return err
		}
	}
	err := readMap(n, map[string]func(*yaml.Node) error{
		"least": into(&s.Least), "most": into(&s.Most), "median": into(&s.Median), "p99": into(&s.P99),
	})
	uniform := s.Median == 0 && s.P99 == 0 && s.Least <= s.Most
	logNormal := s.Least == 0 && s.Most == 0 && s.Median > 0 && s.Median <= s.P99
	if err == nil && (given != 2 || !uniform && !logNormal) {
		err = errorAt(n, "want a duration, {least: 1s, most: 5s} or {median: 2s, p99: 30s}, with the smaller value first")
	}
	return s, err
}

var percentPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d+(\.\d+)?%$`) })

// readExit reads an exit code, or several with their shares.
func readExit(n *yaml.Node) ([]ExitShare, error) {
	const maxExit = 255
	if n = dereference(n); n.Kind != yaml.MappingNode {
		code, err := readNumber(n, 0, maxExit)
		return []ExitShare{{code, 100}}, err
	}
	var shares []ExitShare
	seen, sum := map[int]bool{}, 0.0
	for i := 0; i < len(n.Content); i += 2 {
		code, err := readNumber(n.Content[i], 0, maxExit)
		if err != nil {
			return nil, err
		}
		if seen[code] {
			return nil, errorAt(n.Content[i], "duplicate exit code %d", code)
		}
		seen[code] = true
		text, err := readWord(n.Content[i+1], percentPattern().MatchString, "a share such as 2% or 0.5%")
		if err != nil {
			return nil, err
		}
		share, _ := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64) // a number that is too large becomes infinite, which is refused below
		sum += share
		shares = append(shares, ExitShare{code, share})
	}
	if !(math.Abs(sum-100) < 1e-6) {
		return nil, errorAt(n, "the shares add up to %g%%, want 100%%", sum)
	}
	return shares, nil
}

var sizePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\d{1,5}) ?(B|KB)?$`) })

func readSize(n *yaml.Node) (int, error) {
	text, err := readText(n)
	if err != nil {
		return 0, err
	}
	if match := sizePattern().FindStringSubmatch(text); match != nil {
		size, _ := strconv.Atoi(match[1]) // at most five digits
		if match[2] == "KB" {
			size <<= 10
		}
		if size <= runner.OutputQuota {
			return size, nil
		}
	}
	return 0, errorAt(n, "%q: want a size such as 1KB, at most 24KB", text)
}

func readOutputText(n *yaml.Node) (string, error) {
	text, err := readText(n)
	if err != nil {
		return "", err
	}
	if len(text) > runner.OutputQuota {
		return "", errorAt(n, "the text has %d bytes, want at most %d", len(text), runner.OutputQuota)
	}
	known := map[string]string{}
	for _, name := range assist.Builtins() {
		known[name] = ""
	}
	if _, unknown := assist.FillBuiltins(text, known); unknown != "" {
		return "", errorAt(n, "unknown parameter %s: want %s", unknown, strings.Join(assist.Builtins(), ", "))
	}
	return text, nil
}

func readSeed(n *yaml.Node) (*uint64, error) {
	text, err := readText(n)
	if err != nil {
		return nil, err
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil, errorAt(n, "%q: want a number of at least 0", text)
	}
	return &seed, nil
}
