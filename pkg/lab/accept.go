package lab

import (
	"net/http"
	"regexp"
	"sync"

	"muster/pkg/assist"
)

// targets say where an invocation is to run.
type targets struct {
	ids  []string
	tags []assist.Tag
	most int
}

// storeLookup is a parameter that the service would look up in the parameter store.
var storeLookup = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{\s*oos(-secret)?:`) })

// accept takes an invocation and sets it going, or refuses it as a whole: then nothing is kept and nothing runs. A dry run
// is judged in the same way, and leaves nothing behind either.
func (c call) accept(inv *invocation, t targets, how commandStorage) error {
	if err := checkSupported(inv); err != nil {
		return err
	}
	if err := inv.readFrequency(); err != nil {
		return err
	}
	hosts, err := c.inventory.resolve(t.ids, t.tags, t.most)
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
		return nil
	}
	if how == commandToSave {
		if err := c.store.saveCommand(inv.Command); err != nil {
			return err
		}
	}
	if err := c.store.addInvocation(inv, ids, how != commandNotSaved); err != nil {
		return err
	}
	if inv.repeats() {
		c.agents.schedule(inv, hosts)
	} else {
		c.agents.launch(inv, hosts)
	}
	return nil
}

// saving is what becomes of an invocation's command.
type commandStorage int

const (
	commandNotSaved commandStorage = iota
	commandToSave
	commandSaved
)

// judge refuses what Validate could not know of, and what the lab has not.
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
