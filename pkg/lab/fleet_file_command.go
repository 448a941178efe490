package lab

import (
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
)

var (
	commandIDPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^c-[A-Za-z0-9_-]{1,64}$`) })
	invokeIDPattern  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^t-[A-Za-z0-9_-]{1,64}$`) })
)

// presetReader reads the commands and invocations of a fleet file.
type presetReader struct {
	now       time.Time
	instances map[string]*Instance // by id
	words     map[string][]string  // the ids that an id, a name or the name of a group stands for
	ids       map[string]int       // the lines of the ids of commands and invocations
	regions   []string             // the first one, and those of groups
	dated     map[string]bool      // by CommandId: the file says when it was created
	saved     map[string]*command  // by CommandId
	places    map[string]string    // by CommandId: the region that the file says
	size      int                  // of all scripts and outputs

	preset Preset
}

// readPreset reads the lists of commands and invocations, which are nil if the file has none.
func readPreset(commands, invocations *yaml.Node, file *FleetFile, groups []*group, now time.Time) (Preset, error) {
	r := newPresetReader(file.Instances, groups, now)
	r.regions = file.regions()
	for _, list := range []struct {
		key  string
		node *yaml.Node
		read func(*yaml.Node) error
	}{{"commands", commands, r.readCommand}, {"invocations", invocations, r.readInvocation}} {
		if list.node == nil {
			continue
		}
		if err := readList(list.node, list.read); err != nil {
			return Preset{}, withKey(&yaml.Node{Value: list.key, Line: list.node.Line}, err)
		}
	}
	r.preset.sort()
	return r.preset, nil
}

func newPresetReader(instances []Instance, groups []*group, now time.Time) *presetReader {
	r := &presetReader{
		now: now, instances: map[string]*Instance{}, words: map[string][]string{}, ids: map[string]int{}, dated: map[string]bool{}, saved: map[string]*command{}, places: map[string]string{},
	}
	first := 0
	for _, g := range groups {
		for i := range g.count {
			it := &instances[first+i]
			r.instances[it.InstanceId] = it
			for _, word := range []string{it.InstanceName, g.name} {
				if found := r.words[word]; len(found) == 0 || found[len(found)-1] != it.InstanceId {
					r.words[word] = append(found, it.InstanceId)
				}
			}
		}
		first += g.count
	}
	for id := range r.instances { // an id never means another instance with that name
		r.words[id] = []string{id}
	}
	return r
}

// commandKeys returns the readers of the keys that describe a script.
func (r *presetReader) commandKeys(c *command) map[string]func(*yaml.Node) error {
	text := func(into *string) func(*yaml.Node) error {
		return func(n *yaml.Node) (err error) { *into, err = readText(n); return err }
	}
	return map[string]func(*yaml.Node) error{
		"name":              text(&c.Name),
		"type":              func(n *yaml.Node) (err error) { c.Type, err = readOneOf(n, commandTypes()...); return err },
		"description":       text(&c.Description),
		"content":           func(n *yaml.Node) (err error) { c.Content, err = r.readBytes(n); return err },
		"content_base64":    func(n *yaml.Node) (err error) { c.Content, err = r.readBase64(n); return err },
		"working_dir":       text(&c.WorkingDir),
		"launcher":          text(&c.Launcher),
		"resource_group_id": text(&c.ResourceGroupId),
		"timeout":           func(n *yaml.Node) (err error) { c.Timeout, err = readSeconds(n); return err },
		"enable_parameter":  func(n *yaml.Node) (err error) { c.EnableParameter, err = readBool(n); return err },
		"tags":              func(n *yaml.Node) (err error) { c.Tags, err = readTags(n); return err },
	}
}

func commandTypes() []string {
	return []string{"RunShellScript", "RunBatScript", "RunPowerShellScript"}
}

// readCommand reads a saved command.
func (r *presetReader) readCommand(n *yaml.Node) error {
	n = dereference(n)
	if len(r.preset.commands) >= maxCommands {
		return errorAt(n, "too many commands: at most %d", maxCommands)
	}
	c := &command{CommandId: newCommandID(), Type: "RunShellScript", Timeout: assist.DefaultTimeout, Created: r.now}
	keys := r.commandKeys(c)
	keys["id"] = r.id(&c.CommandId, commandIDPattern(), "an id such as c-backup")
	dated := false
	region := ""
	keys["region"] = func(n *yaml.Node) (err error) { region, err = readRegion(n); return err }
	keys["created"] = func(n *yaml.Node) (err error) { dated = true; c.Created, err = r.readTime(n); return err }
	if err := readMap(n, keys); err != nil {
		return err
	}
	if err := exclude(n, "content", "content_base64"); err != nil {
		return err
	}
	request := &assist.CreateCommandRequest{
		RegionId: "cn-hangzhou", Name: c.Name, Description: c.Description, Type: c.Type, CommandContent: assist.EncodeContent(c.Content, assist.Base64),
		WorkingDir: c.WorkingDir, Timeout: c.Timeout, EnableParameter: c.EnableParameter, Tag: apiTags(c.Tags), Launcher: c.Launcher,
		ResourceGroupId: c.ResourceGroupId,
	}
	if err := request.Validate(); err != nil {
		return withLine(n, firstRefusal(err))
	}
	if !slices.Contains(append(r.regions, ""), region) {
		return atKey(n, "region", "no group is in %s", region)
	}
	r.dated[c.CommandId], r.saved[c.CommandId], r.places[c.CommandId] = dated, c, region
	r.preset.commands = append(r.preset.commands, presetCommand{c, region})
	return nil
}

// command returns the saved command with an id or a name.
func (r *presetReader) command(n *yaml.Node) (*command, error) {
	word, err := readText(n)
	if err != nil {
		return nil, err
	}
	if c := r.saved[word]; c != nil {
		return c, nil
	}
	var found []*command
	var words []string
	for _, c := range r.preset.commands {
		if words = append(words, c.CommandId, c.Name); c.Name == word {
			found = append(found, c.command)
		}
	}
	switch len(found) {
	case 0:
		return nil, errorAt(n, "%q: no such command in commands%s", word, didYouMean(word, words))
	case 1:
		return found[0], nil
	}
	return nil, errorAt(n, "%q: several commands have this name: want an id", word)
}

// id reads an id that nothing else in the file has.
func (r *presetReader) id(into *string, pattern *regexp.Regexp, want string) func(*yaml.Node) error {
	return func(n *yaml.Node) (err error) {
		if *into, err = readWord(n, pattern.MatchString, want); err != nil {
			return err
		}
		if before, twice := r.ids[*into]; twice {
			return errorAt(n, "duplicate id %q, already used in line %d", *into, before)
		}
		r.ids[*into] = n.Line
		return nil
	}
}

// readTime reads a time in the past: in RFC 3339, or a duration before the start of the lab.
func (r *presetReader) readTime(n *yaml.Node) (time.Time, error) {
	text, err := readText(n)
	if err != nil {
		return time.Time{}, err
	}
	t, err := parsePast(text, r.now)
	switch {
	case err != nil:
		return time.Time{}, errorAt(n, "%q: want a time such as 2026-11-28T10:00:00Z, or 2h ago", text)
	case t.After(r.now):
		return time.Time{}, errorAt(n, "%q is in the future", text)
	}
	return t, nil
}

// firstRefusal returns the first of the errors of a request.
func firstRefusal(err error) error {
	if several, ok := errors.AsType[assist.ValidationErrors](err); ok {
		return several[0]
	}
	return err
}

func apiTags(pairs []assist.TagPair) []assist.Tag {
	var tags []assist.Tag
	for _, p := range pairs {
		tags = append(tags, assist.Tag{Key: p.TagKey, Value: p.TagValue})
	}
	return tags
}

func (r *presetReader) readBytes(n *yaml.Node) ([]byte, error) {
	text, err := readText(n)
	if err != nil {
		return nil, err
	}
	return []byte(text), r.count(n, len(text))
}

func (r *presetReader) readBase64(n *yaml.Node) ([]byte, error) {
	text, err := readText(n)
	if err != nil {
		return nil, err
	}
	if err := r.count(n, len(text)); err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errorAt(n, "want Base64")
	}
	return b, nil
}

// count returns an error if aliases repeat scripts or outputs so often that they no longer fit into memory.
func (r *presetReader) count(n *yaml.Node, size int) error {
	if r.size += size; r.size > maxFleetFileSize {
		return errorAt(n, "scripts and outputs of more than 64 MiB: aliases repeat them too often")
	}
	return nil
}

func readBool(n *yaml.Node) (bool, error) {
	text, err := readOneOf(n, "true", "false")
	return text == "true", err
}

// readSeconds reads a duration of whole seconds.
func readSeconds(n *yaml.Node) (int64, error) {
	d, err := readDuration(n, maxTimeout)
	if err == nil && (d < time.Second || d%time.Second != 0) {
		err = errorAt(n, "%q: want whole seconds, at least one", dereference(n).Value)
	}
	return int64(d / time.Second), err
}
