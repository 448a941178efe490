#!/usr/bin/env bash
# 0 0 9 */1 * MON is every day in hashicorp/cronexpr, and every Monday in the library of Kubernetes; cronstrue says Monday.
#
# Expected: */1 means what * means, so a day of the week restricts the days. If both fields restrict days, either of them fires.
# What happens: cronexpr and croner take */1 for a restriction that all days meet, so "either" is every day. robfig/cron, gronx and
# cronosjs take it for *. gronx fires on odd Mondays for */2; the others on odd days and Mondays.
# Why it matters: cronexpr is the maintained relative of the library in Cloud Assistant's agent. An expression from a CronJob can run
# every day on instances, and what describes it says the opposite. Write *, or a list of days, and look at the next times.
. "$(dirname "$0")/prelude"

packages croner@11.0.1 cronosjs@1.7.1 cronstrue@3.39.0
program github.com/hashicorp/cronexpr@v1.1.3 github.com/robfig/cron/v3@v3.0.1 github.com/adhocore/gronx@v1.20.4 <<'END'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/adhocore/gronx"
	"github.com/hashicorp/cronexpr"
	"github.com/robfig/cron/v3"
)

const fields = cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow

func main() {
	text, from := os.Args[1], time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	robfig, err := cron.NewParser(fields).Parse(text)
	if err != nil {
		panic(err)
	}
	expression := cronexpr.MustParse(text + " *") // with seven fields, the first is the second
	show := func(name string, next func(time.Time) time.Time) {
		fmt.Printf("  %-11s", name)
		for t, i := next(from), 0; i < 6; t, i = next(t), i+1 {
			fmt.Print(" ", t.Format("Mon02"))
		}
		fmt.Println()
	}
	show("cronexpr", expression.Next)
	show("robfig/cron", robfig.Next)
	show("gronx", func(t time.Time) time.Time {
		next, err := gronx.NextTickAfter(text, t, false)
		if err != nil {
			panic(err)
		}
		return next
	})
}
END
cat >"$work/npm/next.cjs" <<'END'
const { Cron } = require('croner')
const { CronosExpression } = require('cronosjs')
const text = process.argv[2]
const from = new Date('2027-01-01T00:00:00Z')
const day = (date) => date.toUTCString().slice(0, 7).replace(', ', '')
console.log('  croner     ', new Cron(text, { timezone: 'UTC' }).nextRuns(6, from).map(day).join(' '))
console.log('  cronosjs   ', CronosExpression.parse(text, { timezone: 'UTC' }).nextNDates(from, 6).map(day).join(' '))
console.log('  cronstrue  ', require('cronstrue').toString(text))
END
version 'cronexpr v1.1.3, robfig/cron v3.0.1, gronx v1.20.4, croner 11.0.1, cronosjs 1.7.1, cronstrue 3.39.0'
for expression in '0 0 9 * * MON' '0 0 9 */1 * MON' '0 0 9 */2 * MON' '0 0 9 13 * */1'; do
  saw "$expression"
  { "$work/program" "$expression" && node "$work/npm/next.cjs" "$expression"; } | saw
done

same <<'END'
0 0 9 * * MON
  cronexpr    Mon04 Mon11 Mon18 Mon25 Mon01 Mon08
  robfig/cron Mon04 Mon11 Mon18 Mon25 Mon01 Mon08
  gronx       Mon04 Mon11 Mon18 Mon25 Mon01 Mon08
  croner      Mon04 Mon11 Mon18 Mon25 Mon01 Mon08
  cronosjs    Mon04 Mon11 Mon18 Mon25 Mon01 Mon08
  cronstrue   At 09:00 AM, only on Monday
0 0 9 */1 * MON
  cronexpr    Fri01 Sat02 Sun03 Mon04 Tue05 Wed06
  robfig/cron Mon04 Mon11 Mon18 Mon25 Mon01 Mon08
  gronx       Mon04 Mon11 Mon18 Mon25 Mon01 Mon08
  croner      Fri01 Sat02 Sun03 Mon04 Tue05 Wed06
  cronosjs    Mon04 Mon11 Mon18 Mon25 Mon01 Mon08
  cronstrue   At 09:00 AM, only on Monday
0 0 9 */2 * MON
  cronexpr    Fri01 Sun03 Mon04 Tue05 Thu07 Sat09
  robfig/cron Fri01 Sun03 Mon04 Tue05 Thu07 Sat09
  gronx       Mon11 Mon25 Mon01 Mon15 Mon01 Mon15
  croner      Fri01 Sun03 Mon04 Tue05 Thu07 Sat09
  cronosjs    Fri01 Sun03 Mon04 Tue05 Thu07 Sat09
  cronstrue   At 09:00 AM, every 2 days in a month, and on Monday
0 0 9 13 * */1
  cronexpr    Fri01 Sat02 Sun03 Mon04 Tue05 Wed06
  robfig/cron Wed13 Sat13 Sat13 Tue13 Thu13 Sun13
  gronx       Wed13 Sat13 Sat13 Tue13 Thu13 Sun13
  croner      Fri01 Sat02 Sun03 Mon04 Tue05 Wed06
  cronosjs    Wed13 Sat13 Sat13 Tue13 Thu13 Sun13
  cronstrue   At 09:00 AM, on day 13 of the month
END
