package config

import (
	"strings"
	"time"
)

// Key describes one setting.
type Key struct {
	// Name is the flag's name and the key in config.yaml.
	Name    string
	Default string
	Usage   string
}

// Env returns the environment variable of the setting.
func (k Key) Env() string {
	return "MUSTER_" + strings.ToUpper(strings.ReplaceAll(k.Name, "-", "_"))
}

// Keys lists the settings in the order in which they are shown.
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

// fields is the one list of settings: what they are called, what they default to, and where in c they go.
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
		{Key{keyProfile, "", "profile of ~/.aliyun/config.json, or lab; a run takes several, with commas between them"}, stringValue{to: &c.Profile}},
		{Key{keyRegion, "", "region of the instances, such as cn-hangzhou; a run takes several, with commas between them"}, stringValue{&c.Region, checkRegion}},
		{Key{keyEndpoint, "", "address of the API, if not the region's own"}, stringValue{&c.Endpoint, checkEndpoint}},
		{Key{"output", "table", "output format"}, stringValue{&c.Output, checkOneOf(outputs)}},
		{Key{"lang", "", "language of explanations: en, zh or ja; by the locale otherwise"}, stringValue{&c.Lang, checkOneOf([]string{"en", "zh", "ja"})}},
		{Key{"no-color", "false", "never use colour"}, boolValue{&c.NoColor}},
		{Key{"quiet", "false", "show no progress"}, boolValue{&c.Quiet}},
		{Key{"verbose", "false", "say more about what is done"}, boolValue{&c.Verbose}},
		{Key{"batch-run", "50", "instances in one RunCommand call"}, intValue{&c.RunBatch, 1, maxBatch}},
		{Key{"batch-invoke", "100", "instances in one InvokeCommand call"}, intValue{&c.InvokeBatch, 1, maxBatch}},
		{Key{"page-size", "50", "entries asked for in one page"}, intValue{&c.PageSize, 1, maxPage}},
		{Key{"concurrency", "8", "calls under way at the same time"}, intValue{&c.Concurrency, 1, maxWorkers}},
		{Key{"rate", "15", "calls a second of one API action, 0 for no limit"}, rateValue{&c.RatePerSecond, maxRate}},
		{Key{"keep-days", "90", "days that the journals of runs are kept, 0 for ever"}, intValue{&c.KeepDays, 0, maxDays}},
		{Key{"connect-timeout", "10s", "longest wait for a connection"}, durationValue{&c.ConnectTimeout, maxWait}},
		{Key{"read-timeout", "30s", "longest wait for an answer"}, durationValue{&c.ReadTimeout, maxWait}},
	}
}
