// Package schedule reads a Frequency, the text that says when Cloud Assistant runs a command again: rate(5m),
// at(2027-01-31 08:00:00 Asia/Shanghai), or a cron expression with seconds and, at will, a year and a time zone. It
// tells what is wrong with one and where, says it in plain English, and works out when it fires.
//
// It starts nothing and waits for nothing: a scheduler asks Next and keeps the time itself. It asks no clock either, so
// every answer follows from the arguments alone. A Frequency never changes and may be used by many goroutines at once.
package schedule
