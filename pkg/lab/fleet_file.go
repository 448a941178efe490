package lab

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	// MaxInstances is the largest number of instances of a lab.
	MaxInstances     = 100_000
	maxFleetFileSize = 64 << 20 // also of all scripts and outputs together, which aliases can repeat
)

// FleetFile is the content of a fleet file.
type FleetFile struct {
	Region    string
	Regions   []string // if a group is in another region: all regions, the first of which is Region
	Instances []Instance
	Faults    []Fault
	Preset    Preset
}

// FleetFileError reports what is wrong with a fleet file, and where.
type FleetFileError struct {
	Name string
	Line int // 0 if the error concerns the whole file
	Err  error
}

func (e *FleetFileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.Name, e.Line, e.Err)
}

func (e *FleetFileError) Unwrap() error { return e.Err }

// ReadFleet reads a fleet file: groups of instances, faults, saved commands, invocations and a region. If the file has no region, it is the given one. Errors
// are of type [*FleetFileError]; name is the name of the file in them.
func ReadFleet(r io.Reader, name, region string) (*FleetFile, error) {
	file, err := readFleet(r, region)
	if err == nil {
		return file, nil
	}
	inLine, ok := errors.AsType[*lineError](err)
	if !ok {
		inLine = &lineError{err: err}
	}
	return nil, &FleetFileError{Name: name, Line: inLine.line, Err: inLine.err}
}

func readFleet(r io.Reader, region string) (*FleetFile, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFleetFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFleetFileSize {
		return nil, errors.New("the file is larger than 64 MiB")
	}
	root, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	file := &FleetFile{Region: region}
	var groups []*group
	var faultLines []int
	var commands, invocations *yaml.Node
	err = readMap(root, map[string]func(*yaml.Node) error{
		"region": func(n *yaml.Node) (err error) {
			file.Region, err = readRegion(n)
			return err
		},
		"groups": func(n *yaml.Node) error {
			return readList(n, func(n *yaml.Node) error {
				g, err := readGroup(n)
				groups = append(groups, g)
				return err
			})
		},
		"commands":    func(n *yaml.Node) error { commands = n; return nil },
		"invocations": func(n *yaml.Node) error { invocations = n; return nil },
		"faults": func(n *yaml.Node) error {
			return readList(n, func(n *yaml.Node) error {
				text, err := readText(n)
				if err != nil {
					return err
				}
				fault, err := ParseFault(text)
				file.Faults, faultLines = append(file.Faults, fault), append(faultLines, dereference(n).Line)
				return withLine(n, err)
			})
		},
	})
	if err != nil {
		return nil, err
	}
	first := cmp.Or(file.Region, "cn-hangzhou")
	if file.Instances, err = instancesOf(groups, first); err != nil {
		return nil, err
	}
	if regions := regionsOf(groups, first); len(regions) > 1 {
		file.Region, file.Regions = first, regions
	}
	if err := file.checkFaultInstances(faultLines); err != nil {
		return nil, err
	}
	file.Preset, err = readPreset(commands, invocations, file, groups, time.Now())
	return file, err
}

// regionsOf returns the region of a file and those of its groups.
func regionsOf(groups []*group, first string) []string {
	regions := []string{first}
	for _, g := range groups {
		if g.region != "" && !slices.Contains(regions, g.region) {
			regions = append(regions, g.region)
		}
	}
	return regions
}

// regions returns all regions of the file, the first one first.
func (f *FleetFile) regions() []string {
	if f.Regions == nil {
		return []string{cmp.Or(f.Region, "cn-hangzhou")}
	}
	return f.Regions
}

func readRegion(n *yaml.Node) (string, error) {
	region, err := readText(n)
	if err == nil && !KnownRegion(region) {
		err = errorAt(n, "%q: want a region such as cn-hangzhou%s", region, didYouMean(region, Regions()))
	}
	return region, err
}

// checkFaultInstances returns an error if a fault names an instance that is not in the file.
func (f *FleetFile) checkFaultInstances(lines []int) error {
	known := map[string]bool{}
	for _, it := range f.Instances {
		known[it.InstanceId] = true
	}
	for i, fault := range f.Faults {
		if fault.namesInstance() && !known[fault.Action] {
			return &lineError{lines[i], fmt.Errorf("faults: %w", noSuchInstance(fault))}
		}
	}
	return nil
}

// regionalName is the name of a group, which no other group of its region has.
type regionalName struct{ region, name string }

func instancesOf(groups []*group, region string) ([]Instance, error) {
	if len(groups) == 0 {
		return nil, errors.New("no groups: want at least one, such as groups: [{name: web, count: 20}]")
	}
	generator, lines, total := newInstanceGenerator(), map[regionalName]int{}, 0
	for _, g := range groups {
		name := regionalName{cmp.Or(g.region, region), g.name}
		if before, twice := lines[name]; twice {
			return nil, &lineError{g.line, fmt.Errorf("duplicate group %q, already defined in line %d", g.name, before)}
		}
		lines[name] = g.line
		if total += g.count; total > MaxInstances {
			return nil, &lineError{g.line, fmt.Errorf("too many instances: %d up to this group, at most %d", total, MaxInstances)}
		}
	}
	instances, ids := make([]Instance, 0, total), map[string]bool{}
	for n, g := range groups {
		next := generator.next
		if g.managed {
			next = generator.nextManaged(n + 1)
		}
		for i := range g.count {
			it := next(numbered(g.name, i+1, g.count))
			g.configure(&it, i, cmp.Or(g.region, region))
			if ids[it.InstanceId] {
				return nil, &lineError{g.line, fmt.Errorf("duplicate instance id %q", it.InstanceId)}
			}
			ids[it.InstanceId] = true
			instances = append(instances, it)
		}
	}
	return instances, nil
}

// parseYAML parses a text that must be exactly one YAML document.
func parseYAML(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, another yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF), err == nil && len(document.Content) == 0:
		return nil, errors.New("no YAML document")
	case err != nil:
		return nil, syntaxError(err, text)
	}
	if err := decoder.Decode(&another); err == nil {
		return nil, errors.New("more than one YAML document")
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(err, text)
	}
	return document.Content[0], nil
}

// yamlLine matches the line number in a syntax error of the YAML library.
var yamlLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^yaml: line (\d+): `) })

func syntaxError(err error, file []byte) error {
	text := err.Error()
	var line int
	if match := yamlLine().FindStringSubmatch(text); match != nil {
		_, _ = fmt.Sscan(match[1], &line) // it consists of digits
		text = text[len(match[0]):]
	}
	if lines := bytes.Split(file, []byte("\n")); line > 0 && line <= len(lines) && tabIndent().Match(lines[line-1]) {
		text = "indented with a tab: want spaces"
	}
	return &lineError{line, errors.New(strings.TrimPrefix(text, "yaml: "))}
}

var tabIndent = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ *\t`) })
