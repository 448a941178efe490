package lab

import (
	"net/http"
	"regexp"
	"sync"

	"muster/pkg/assist"
)

// targets select the instances of an invocation.
type targets struct {
	ids   []string
	tags  []assist.Tag
	limit int // the largest number of instances
}

// storeLookup returns a regular expression for parameters that the service would look up in the parameter store.
var storeLookup = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{\s*oos(-secret)?:`) })

// accept starts an invocation, or refuses it as a whole: then nothing is stored and nothing runs. A dry run passes the same
// checks, has agents of enrolled hosts check it, too, and stores and runs nothing.
func (c call) accept(inv *invocation, t targets, storage commandStorage) error {
	if err := checkSupported(inv); err != nil {
		return err
	}
	if err := inv.readFrequency(); err != nil {
		return err
	}
	hosts, err := c.inventory.resolve(t.ids, t.tags, t.limit)
	if err != nil {
		return err
	}
	var ids []string
	for _, h := range hosts {
		it := h.get()
		if err := it.checkAccepts(inv.Command.Type); err != nil {
			return err
		}
		if err := c.faults.refuseInstance(it.InstanceId); err != nil {
			return err
		}
		ids = append(ids, it.InstanceId)
	}
	inv.Instances = len(ids)
	if inv.RepeatMode == repeatDryRun {
		c.dryRun.begin(inv, hosts)
		return nil
	}
	if storage == commandToSave {
		if err := c.store.saveCommand(inv.Command); err != nil {
			return err
		}
	}
	if err := c.store.addInvocation(inv, ids, storage != commandNotSaved); err != nil {
		return err
	}
	if inv.repeats() {
		c.agents.schedule(inv, hosts, 0, inv.Created)
	} else {
		c.agents.launch(inv, hosts)
	}
	releaseGoneTasks(c.agents, hosts)
	return nil
}

// commandStorage distinguishes invocations of saved commands from others.
type commandStorage int

const (
	commandNotSaved commandStorage = iota
	commandToSave                  // the invocation saves it
	commandSaved                   // it was saved before
)

// checkSupported refuses what Validate accepts and the lab does not have.
func checkSupported(inv *invocation) error {
	if inv.OssOutputDelivery != "" {
		return assist.Refusal(http.StatusNotFound, "InvalidOssOutputDelivery.BucketNotFound",
			"The OSS bucket specified in the parameter OssOutputDelivery does not exist.")
	}
	if inv.Command.EnableParameter && storeLookup().Match(inv.Command.Content) {
		return assist.Refusal(http.StatusForbidden, "ParameterStore.NotSupported", "Parameter Store is not supported in this region.")
	}
	return nil
}
