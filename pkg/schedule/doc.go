// Package schedule parses the API's Frequency, which defines when Cloud Assistant runs a command: rate(5m),
// at(2027-01-31 08:00:00 Asia/Shanghai), or a cron expression with seconds and, optionally, a year and a time zone. It reports
// errors with their position, describes a frequency in plain English, and computes when it fires.
//
// The package is not a scheduler: it starts nothing, never waits and does not read the clock. Every result depends on the
// arguments alone. A [Frequency] is immutable and safe for concurrent use.
package schedule
