package lab

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

const (
	// MaxInstances is how many instances a lab has at most.
	MaxInstances     = 100_000
	maxFleetFileSize = 1 << 20
)

// FleetFile is what a fleet file says.
type FleetFile struct {
	Region    string
	Instances []Instance
	Faults    []Fault
}

// FleetFileError is what is wrong with a fleet file, and where.
type FleetFileError struct {
	Name string
	Line int // 0 where it is about the whole file
	Err  error
}

func (e *FleetFileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.Name, e.Line, e.Err)
}

func (e *FleetFileError) Unwrap() error { return e.Err }

// ReadFleet reads a fleet file: groups of instances, faults, and a region, which is the given one where the file names
// none. The name is for the error, a *FleetFileError.
func ReadFleet(r io.Reader, name, region string) (*FleetFile, error) {
	file, err := readFleet(r, region)
	if err == nil {
		return file, nil
	}
	at, _ := errors.AsType[*lineError](err)
	if at == nil {
		at = &lineError{err: err}
	}
	return nil, &FleetFileError{Name: name, Line: at.line, Err: at.err}
}

func readFleet(r io.Reader, region string) (*FleetFile, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFleetFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFleetFileSize {
		return nil, errors.New("the file is larger than 1 MiB")
	}
	root, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	file := &FleetFile{Region: region}
	var groups []*group
	var faultLines []int
	err = readMap(root, map[string]func(*yaml.Node) error{
		"region": func(n *yaml.Node) (err error) {
			file.Region, err = readWord(n, KnownRegion, "a region of the service such as cn-hangzhou")
			return err
		},
		"groups": func(n *yaml.Node) error {
			return readList(n, func(n *yaml.Node) error {
				g, err := readGroup(n)
				groups = append(groups, g)
				return err
			})
		},
		"faults": func(n *yaml.Node) error {
			return readList(n, func(n *yaml.Node) error {
				text, err := readText(n)
				if err != nil {
					return err
				}
				fault, err := ParseFault(text)
				file.Faults, faultLines = append(file.Faults, fault), append(faultLines, target(n).Line)
				return at(n, err)
			})
		},
	})
	if err != nil {
		return nil, err
	}
	if file.Instances, err = instancesOf(groups, cmp.Or(file.Region, "cn-hangzhou")); err != nil {
		return nil, err
	}
	return file, file.checkFaultInstances(faultLines)
}

// checkFaultInstances refuses faults of instances that are not in the file.
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

func instancesOf(groups []*group, region string) ([]Instance, error) {
	if len(groups) == 0 {
		return nil, errors.New("it has no groups: want at least one, such as groups: [{name: web, count: 20}]")
	}
	maker, lines, total := newMaker(), map[string]int{}, 0
	for _, g := range groups {
		if before, twice := lines[g.name]; twice {
			return nil, &lineError{g.line, fmt.Errorf("there is a group %q already, in line %d", g.name, before)}
		}
		lines[g.name] = g.line
		if total += g.count; total > MaxInstances {
			return nil, &lineError{g.line, fmt.Errorf("with this group there are %d instances, at most %d", total, MaxInstances)}
		}
	}
	instances := make([]Instance, 0, total)
	for n, g := range groups {
		next := maker.next
		if g.managed {
			next = maker.nextManaged(n + 1)
		}
		for i := range g.count {
			it := next(numbered(g.name, i+1, g.count))
			g.shape(&it, region)
			instances = append(instances, it)
		}
	}
	return instances, nil
}

// parseYAML gives the one document of a file.
func parseYAML(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, another yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF), err == nil && len(document.Content) == 0:
		return nil, errors.New("the file is empty")
	case err != nil:
		return nil, syntaxError(err, text)
	}
	if err := decoder.Decode(&another); err == nil {
		return nil, errors.New("it has more than one document")
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(err, text)
	}
	return document.Content[0], nil
}

// yamlLine is where the library says that the line of a syntax error is.
var yamlLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^yaml: line (\d+): `) })

func syntaxError(err error, file []byte) error {
	text := err.Error()
	var line int
	if match := yamlLine().FindStringSubmatch(text); match != nil {
		_, _ = fmt.Sscan(match[1], &line) // they are digits
		text = text[len(match[0]):]
	}
	if lines := bytes.Split(file, []byte("\n")); line > 0 && line <= len(lines) && tabbed().Match(lines[line-1]) {
		text = "it is indented with a tab: want spaces"
	}
	return &lineError{line, errors.New(strings.TrimPrefix(text, "yaml: "))}
}

var tabbed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ *\t`) })
