package lab

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
	"muster/pkg/duration"
)

// maxTimeout is the longest timeout in a fleet file.
const maxTimeout = 365 * 24 * time.Hour

// invocationNode is an invocation of a fleet file while it is read.
type invocationNode struct {
	*invocation
	node      *yaml.Node
	dated     bool
	instances []string
	region    string
	outcome   *outcomeNode // of the instances that results does not name
	results   []*outcomeNode
}

// scriptKeys describe a script, so they exclude command.
func scriptKeys() []string {
	return []string{"name", "type", "description", "content", "content_base64", "enable_parameter", "command_id"}
}

// readInvocation reads an invocation of a saved command or of a script of its own.
func (r *presetReader) readInvocation(n *yaml.Node) error {
	n = dereference(n)
	if len(r.preset.invocations) >= maxInvocations {
		return errorAt(n, "too many invocations: at most %d", maxInvocations)
	}
	v, saved, err := r.readInvocationKeys(n)
	if err != nil {
		return err
	}
	if err := v.validate(saved); err != nil {
		return withLine(n, firstRefusal(err))
	}
	if err := v.readFrequency(); err != nil {
		return withLine(n, err)
	}
	for _, id := range v.instances {
		if it := r.instances[id]; it.windows() != (v.Command.Type != "RunShellScript") {
			return atKey(n, "instances", "%s is %s, and the command %s", id, it.OSType, v.Command.Type)
		}
	}
	if !v.dated && !v.repeats() {
		v.Created = r.now.Add(-seconds(v.Timeout)) // so that a run that times out is over
	}
	if err := r.dateCommand(v, saved); err != nil {
		return err
	}
	tasks, err := r.tasksOf(v)
	if err != nil {
		return err
	}
	if ended, last := lastOf(tasks); ended && r.now.Sub(last) > invocationAge {
		return atKey(n, "created", "the invocation ended more than 30 days ago: the service forgets such results")
	}
	r.preset.invocations = append(r.preset.invocations, presetInvocation{v.invocation, tasks, v.region})
	return nil
}

func (r *presetReader) readInvocationKeys(n *yaml.Node) (v *invocationNode, saved bool, err error) {
	own := &command{CommandId: newCommandID(), Type: "RunShellScript"}
	inv := &invocation{InvokeId: newInvokeID(), Command: own, Zone: time.Local, Created: r.now}
	v = &invocationNode{invocation: inv, node: n, outcome: &outcomeNode{node: n}}
	keys := r.commandKeys(own)
	for key, read := range r.outcomeKeys(v.outcome) {
		keys[key] = read
	}
	keys["id"] = r.id(&inv.InvokeId, invokeIDPattern(), "an id such as t-nightly")
	keys["command"] = func(n *yaml.Node) (err error) { saved = true; inv.Command, err = r.command(n); return err }
	keys["command_id"] = func(n *yaml.Node) (err error) {
		own.CommandId, err = readWord(n, commandIDPattern().MatchString, "an id such as c-backup")
		return err
	}
	keys["created"] = func(n *yaml.Node) (err error) { v.dated = true; inv.Created, err = r.readTime(n); return err }
	keys["frequency"] = func(n *yaml.Node) (err error) { inv.FrequencyText, err = readText(n); return err }
	keys["username"] = func(n *yaml.Node) (err error) { inv.Username, err = readText(n); return err }
	for key, into := range map[string]*string{
		"termination_mode": &inv.TerminationMode, "container_id": &inv.ContainerId, "container_name": &inv.ContainerName,
	} {
		keys[key] = func(n *yaml.Node) (err error) { *into, err = readText(n); return err }
	}
	keys["parameters"] = func(n *yaml.Node) (err error) { inv.Parameters, err = readParameters(n); return err }
	keys["instances"] = func(n *yaml.Node) (err error) { v.instances, err = r.readInstances(n); return err }
	keys["results"] = func(n *yaml.Node) error {
		return readList(n, func(n *yaml.Node) error {
			o := &outcomeNode{node: dereference(n)}
			keys := r.outcomeKeys(o)
			keys["instances"] = func(n *yaml.Node) (err error) { o.instances, err = r.readInstances(n); return err }
			v.results = append(v.results, o)
			if err := readMap(n, keys); err != nil {
				return err
			}
			return needKey(o.node, "instances")
		})
	}
	if err := readMap(n, keys); err != nil {
		return nil, false, err
	}
	if err := cmp.Or(exclude(n, "content", "content_base64"), needKey(n, "instances")); err != nil {
		return nil, false, err
	}
	if v.region, err = r.regionOf(v); err != nil {
		return nil, false, err
	}
	if saved {
		if commandRegion := cmp.Or(r.places[inv.Command.CommandId], r.regions[0]); commandRegion != v.region {
			return nil, false, atKey(n, "command", "the command is in %s, and the instances are in %s: give the command region: %[2]s", commandRegion, v.region)
		}
		for _, key := range scriptKeys() {
			if keyNode(n, key) != nil {
				return nil, false, atKey(n, key, "not allowed together with command")
			}
		}
	} else if keyNode(n, "content") == nil && keyNode(n, "content_base64") == nil {
		return nil, false, errorAt(n, "the invocation has neither command nor content")
	}
	inv.Timeout = cmp.Or(own.Timeout, inv.Command.Timeout, assist.DefaultTimeout)
	inv.WorkingDir, inv.Tags = cmp.Or(own.WorkingDir, inv.Command.WorkingDir), own.Tags
	inv.Launcher, inv.ResourceGroupId = cmp.Or(own.Launcher, inv.Command.Launcher), own.ResourceGroupId
	own.Timeout = inv.Timeout
	inv.RepeatMode, inv.Instances = repeatMode("", inv.FrequencyText), len(v.instances)
	return v, saved, nil
}

// over reports whether a Frequency has no further run.
func (v *invocationNode) over(now time.Time) bool {
	next, silent := v.Frequency.AgentNext(now, v.Zone)
	return next.IsZero() && !silent
}

// regionOf returns the region of an invocation, which is that of all its instances.
func (r *presetReader) regionOf(v *invocationNode) (string, error) {
	region := ""
	for i, id := range v.instances {
		at := cmp.Or(r.instances[id].RegionId, r.regions[0])
		if i > 0 && at != region {
			return "", atKey(v.node, "instances", "%s is in %s, and %s is in %s: an invocation has one region", v.instances[0], region, id, at)
		}
		region = at
	}
	return region, nil
}

// validate returns an error if the API would refuse the invocation.
func (v *invocationNode) validate(saved bool) error {
	c := v.Command
	if !saved {
		return (&assist.RunCommandRequest{
			RegionId: "cn-hangzhou", Name: c.Name, Description: c.Description, Type: c.Type, ContentEncoding: assist.Base64,
			CommandContent: assist.EncodeContent(c.Content, assist.Base64), WorkingDir: v.WorkingDir, Timeout: v.Timeout,
			EnableParameter: c.EnableParameter, Parameters: v.Parameters, Frequency: v.FrequencyText, Username: v.Username,
			InstanceId: v.instances, Tag: apiTags(v.Tags), Launcher: v.Launcher, TerminationMode: v.TerminationMode,
			ContainerId: v.ContainerId, ContainerName: v.ContainerName, ResourceGroupId: v.ResourceGroupId,
		}).Validate(assist.DefaultLimits())
	}
	request := &assist.InvokeCommandRequest{
		RegionId: "cn-hangzhou", CommandId: c.CommandId, Frequency: v.FrequencyText, Parameters: v.Parameters, Username: v.Username,
		InstanceId: v.instances, Tag: apiTags(v.Tags), WorkingDir: v.WorkingDir, Launcher: v.Launcher, TerminationMode: v.TerminationMode,
		ContainerId: v.ContainerId, ContainerName: v.ContainerName, ResourceGroupId: v.ResourceGroupId,
	}
	if keyNode(v.node, "timeout") != nil {
		request.Timeout = v.Timeout
	}
	if err := request.Validate(assist.DefaultLimits()); err != nil {
		return err
	}
	described := apiCommand(commandRecord{command: c}, assist.PlainText)
	return request.ValidateWith(&described)
}

// dateCommand makes the command of an invocation no younger than the invocation.
func (r *presetReader) dateCommand(v *invocationNode, saved bool) error {
	switch {
	case !saved:
		v.Command.Created = v.Created
	case !v.Created.Before(v.Command.Created):
	case r.dated[v.Command.CommandId]:
		return atKey(v.node, "created", "the invocation is older than its command, which was created at %s", assist.FormatTime(v.Command.Created))
	default:
		v.Command.Created = v.Created
	}
	return nil
}

// tasksOf returns the tasks of an invocation: each has the outcome that results says, or the invocation's own.
func (r *presetReader) tasksOf(v *invocationNode) ([]*task, error) {
	byID, err := r.outcomesByID(v)
	if err != nil {
		return nil, withKey(keyNode(v.node, "results"), err)
	}
	others, err := r.outcome(v, v.outcome)
	if err != nil {
		return nil, err
	}
	var tasks []*task
	for _, id := range v.instances {
		o := cmp.Or(byID[id], others)
		if o.status == assist.StatusScheduled && checkAgentVersion(v.invocation, r.instances[id]) != nil {
			return nil, atKey(v.node, "frequency", "the agent of %s is too old", id)
		}
		tasks = append(tasks, o.task(v.invocation, id))
	}
	return tasks, nil
}

// outcomesByID returns the outcomes that results says, by instance.
func (r *presetReader) outcomesByID(v *invocationNode) (map[string]*presetOutcome, error) {
	byID := map[string]*presetOutcome{}
	for _, n := range v.results {
		o, err := r.outcome(v, n)
		if err != nil {
			return nil, err
		}
		for _, id := range n.instances {
			switch {
			case !slices.Contains(v.instances, id):
				return nil, atKey(n.node, "instances", "the invocation is not on %s", id)
			case byID[id] != nil:
				return nil, atKey(n.node, "instances", "%s has a result already", id)
			}
			byID[id] = o
		}
	}
	return byID, nil
}

// readInstances reads ids, names and names of groups.
func (r *presetReader) readInstances(n *yaml.Node) ([]string, error) {
	var ids []string
	read := func(n *yaml.Node) error {
		word, err := readText(n)
		if err != nil {
			return err
		}
		found := r.words[word]
		if found == nil {
			return errorAt(n, "%q: the file has no such instance or group%s", word, didYouMean(word, keysOf(r.words)))
		}
		for _, id := range found {
			if slices.Contains(ids, id) {
				return errorAt(n, "%q: %s is named twice", word, id)
			}
			if ids = append(ids, id); len(ids) > assist.DefaultLimits().InvokeInstances {
				return errorAt(n, "more than %d instances: the API accepts no such call", assist.DefaultLimits().InvokeInstances)
			}
		}
		return nil
	}
	if n = dereference(n); n.Kind == yaml.ScalarNode {
		err := read(n)
		return ids, err
	}
	err := readList(n, read)
	if err == nil && len(ids) == 0 {
		err = errorAt(n, "want at least one instance")
	}
	return ids, err
}

func readParameters(n *yaml.Node) (map[string]string, error) {
	pairs, err := readTags(n)
	parameters := map[string]string{}
	for _, p := range pairs {
		parameters[p.TagKey] = p.TagValue
	}
	return parameters, err
}

// parsePast parses a time in RFC 3339 or a duration before now, with or without "ago".
func parsePast(text string, now time.Time) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	d, err := duration.Parse(strings.TrimSpace(strings.TrimSuffix(text, "ago")))
	return now.Add(-d), err
}
