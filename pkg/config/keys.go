package config

import (
	"strings"
	"time"
)

// Key describes one setting.
type Key struct {
	// Name is the name of the flag and the key in settings files.
	Name    string
	Default string
	// Placeholder represents the value in help, such as N. It is empty for a boolean.
	Placeholder string
	Usage       string
}

// Env returns the name of the setting's environment variable.
func (k Key) Env() string {
	return "MUSTER_" + strings.ToUpper(strings.ReplaceAll(k.Name, "-", "_"))
}

// Keys returns all settings in the order in which they are listed.
func Keys() []Key {
	fields := new(Config).fields(nil)
	keys := make([]Key, len(fields))
	for i, f := range fields {
		keys[i] = f.Key
	}
	return keys
}

const (
	keyProfile  = "profile"
	keyRegion   = "region"
	keyEndpoint = "endpoint"
)

type field struct {
	Key
	value value
}

// fields returns all settings, each with its value in c. outputs are the allowed values of the setting "output".
func (c *Config) fields(outputs []string) []field {
	const (
		maxBatch   = 1000
		maxPage    = 100
		maxWorkers = 256
		maxRate    = 1000
		maxWait    = time.Hour
		maxDays    = 100_000
	)
	return []field{
		{Key{keyProfile, "", "NAME", "use this profile of ~/.aliyun/config.json, or lab; for a run, several separated by commas"}, stringValue{to: &c.Profile}},
		{Key{keyRegion, "", "REGION", "use the instances of this region, such as cn-hangzhou; for a run, several separated by commas"}, stringValue{&c.Region, checkRegion}},
		{Key{keyEndpoint, "", "HOST", "call the API at this address instead of the region's own"}, stringValue{&c.Endpoint, checkEndpoint}},
		{Key{"output", "table", "FORMAT", "print in this format"}, stringValue{&c.Output, checkOneOf(outputs)}},
		{Key{"lang", "", "LANGUAGE", "explain errors in this language: en, zh or ja (default: that of the locale)"}, stringValue{&c.Lang, checkOneOf([]string{"en", "zh", "ja"})}},
		{Key{"no-color", "false", "", "print no colors"}, boolValue{&c.NoColor}},
		{Key{"quiet", "false", "", "print no progress and no notes"}, boolValue{&c.Quiet}},
		{Key{"verbose", "false", "", "print each retried call and other details"}, boolValue{&c.Verbose}},
		{Key{"batch-run", "50", "N", "send to at most this many instances in one RunCommand call"}, intValue{&c.RunBatch, 1, maxBatch}},
		{Key{"batch-invoke", "100", "N", "send to at most this many instances in one InvokeCommand call"}, intValue{&c.InvokeBatch, 1, maxBatch}},
		{Key{"page-size", "50", "N", "ask for this many entries per page of a list"}, intValue{&c.PageSize, 1, maxPage}},
		{Key{"concurrency", auto, "N", "make at most this many calls of one API action at the same time; auto begins with 8 and goes up to 64 while they are answered well"}, callsValue{&c.Concurrency, maxWorkers}},
		{Key{"rate", "15", "N", "make at most this many calls per second of one API action; 0 is no limit"}, rateValue{&c.RatePerSecond, maxRate}},
		{Key{"keep-days", "90", "DAYS", "keep the journals of runs for this many days; 0 is forever"}, intValue{&c.KeepDays, 0, maxDays}},
		{Key{"connect-timeout", "10s", "DURATION", "wait at most this long for a connection"}, durationValue{&c.ConnectTimeout, maxWait}},
		{Key{"read-timeout", "30s", "DURATION", "wait at most this long for an answer"}, durationValue{&c.ReadTimeout, maxWait}},
	}
}
