package cmd

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
)

func TestDoctorClock(t *testing.T) {
	served := time.Date(2027, 6, 6, 13, 15, 30, 0, time.UTC)
	for _, tt := range []struct {
		skew         time.Duration
		status, text string
	}{
		{0, checkOK, "same as the service's"},
		{-90 * time.Second, checkOK, "same as the service's"},
		{3 * time.Minute, checkWarn, "3m0s ahead"},
		{-16 * time.Minute, checkFail, "16m0s behind"},
		{24 * time.Hour, checkFail, "24h0m0s ahead"},
	} {
		d := &diagnosis{app: &app{printer: new(printer)}}
		d.clock(served.Format(http.TimeFormat), served.Add(tt.skew))
		if got := d.Checks[0]; got.Status != tt.status || !strings.Contains(got.Detail, tt.text) {
			t.Errorf("%s: got %+v", tt.skew, got)
		}
	}
	d := &diagnosis{app: &app{printer: new(printer)}}
	d.clock("", served)
	if d.Checks[0].Status != checkSkipped {
		t.Errorf("without a time: %+v", d.Checks[0])
	}
}

func TestDoctorAgentUpgrades(t *testing.T) {
	windows := func(zone string, all ...string) *assist.AgentUpgradeConfig {
		c := &assist.AgentUpgradeConfig{Enabled: true, TimeZone: zone}
		c.AllowedUpgradeWindows.AllowedUpgradeWindow = all
		return c
	}
	for _, tt := range []struct {
		config       *assist.AgentUpgradeConfig
		status, text string
	}{
		{nil, checkOK, "at any time: agents try every 30 minutes"},
		{&assist.AgentUpgradeConfig{}, checkOK, "at any time: agents try every 30 minutes"},
		{windows("Asia/Shanghai", "02:00-03:00", "05:00-06:00"), checkOK, "only at 02:00-03:00, 05:00-06:00 (Asia/Shanghai)"},
		{windows("", "02:00-03:00"), checkOK, "only at 02:00-03:00"},
		{windows("Asia/Shanghai"), checkWarn, "only in certain windows, of which there are none"},
	} {
		d := &diagnosis{app: &app{printer: new(printer)}}
		d.agentUpgrades(tt.config)
		if got := d.Checks[0]; got.Status != tt.status || got.Detail != tt.text {
			t.Errorf("%+v: got %+v", tt.config, got)
		}
	}
}
