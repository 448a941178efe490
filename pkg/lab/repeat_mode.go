package lab

import (
	"fmt"
	"net/http"
	"time"

	"muster/pkg/assist"
	"muster/pkg/schedule"
)

// The values of RepeatMode.
const (
	repeatOnce        = "Once"
	repeatPeriod      = "Period"
	repeatNextReboot  = "NextRebootOnly"
	repeatEveryReboot = "EveryReboot"
	repeatDryRun      = "DryRun"
)

// repeatMode reads a request's: a Frequency makes it Period whatever it says.
func repeatMode(mode, frequency string) string {
	switch {
	case frequency != "":
		return repeatPeriod
	case mode == "":
		return repeatOnce
	}
	return mode
}

// cronZone returns the zone of a cron expression that names none. It is that of the instance, whose clock is this machine's. For
// requests in the form of the oldest documents, which do not have RunCommand, it is UTC+8, as they say.
func cronZone(r *assist.InvokeCommandRequest) *time.Location {
	if len(r.InstanceIds) > 0 && r.Timed != nil && *r.Timed && r.RepeatMode == "" {
		return time.FixedZone("UTC+8", 8*60*60)
	}
	return time.Local
}

// readFrequency cannot fail after Validate.
func (inv *invocation) readFrequency() error {
	if inv.FrequencyText == "" {
		return nil
	}
	var err error
	if inv.Frequency, err = schedule.Parse(inv.FrequencyText); err != nil {
		return assist.Refusal(http.StatusBadRequest, "InvalidParam.Frequency", fmt.Sprintf("The specified frequency is invalid: %v.", err))
	}
	return nil
}

// repeats reports whether an invocation does not run at once.
func (inv *invocation) repeats() bool {
	switch inv.RepeatMode {
	case repeatPeriod, repeatNextReboot, repeatEveryReboot:
		return true
	}
	return false
}
