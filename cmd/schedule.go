package cmd

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/render"
	"muster/pkg/schedule"
)

// scheduleOptions are the flags of `muster schedule`.
type scheduleOptions struct {
	count int
	from  string
	agent bool
}

// maxRunTimes bounds how many run times are computed.
const maxRunTimes = 1000

func newScheduleCommand(a *app) *cobra.Command {
	o := &scheduleOptions{count: 3}
	cmd := &cobra.Command{
		Use:   "schedule [flags] SCHEDULE",
		Short: "Explain a schedule in words and show its next run times",
		Long: `Explain a schedule in words and show its next run times. The schedules of --frequency are:

  rate(5m)                                every 5 minutes; s, m, h or d; from 60s to 7d
  at(2027-06-06 13:15:30 Asia/Shanghai)   once; UTC without a time zone
  0 15 10 ? * MON-FRI Asia/Shanghai       cron: second minute hour day month weekday [year] [time zone]

A cron expression without a time zone follows the clock of each instance; this command then uses that of this machine.

When clocks change, instances do not keep to the calendar. If that affects the schedule within a year, a warning says what they
do. --agent prints the run times of instances instead of those of the calendar.`,
		Example: `  muster schedule 'rate(5m)'
  muster schedule '0 15 10 ? * MON-FRI Asia/Shanghai' -n 5
  muster schedule '0 0 8 LW * ?' --from 2027-01-01T00:00:00Z -o json | jq -r '.Next[]'
  muster schedule '0 30 2 * * ? America/New_York' --agent --from 2027-03-12T00:00:00Z`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("want one schedule, in quotes, not %d arguments", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runSchedule(a.printer, o, args[0]) },
	}
	cmd.AddCommand(newScheduleEditCommand(a))
	cmd.Flags().VarP(&numberFlag{&o.count, 1, maxRunTimes}, "count", "n", "print this many run times")
	cmd.Flags().StringVar(&o.from, "from", "", "`TIME`: print run times after this time, such as 2027-01-01T00:00:00Z; now by default")
	cmd.Flags().BoolVar(&o.agent, "agent", false, "print the run times of instances, which differ from the calendar when clocks change")
	return cmd
}

func runSchedule(p *printer, o *scheduleOptions, text string) error {
	from, local := time.Now(), time.Local
	if o.from != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, o.from); err != nil {
			return usagef("--from %q: want a time such as 2027-01-01T00:00:00Z", o.from)
		}
		local = from.Location()
	}
	frequency, err := schedule.Parse(text)
	if err == nil {
		err = frequency.Check(0)
	}
	if err != nil {
		return badFrequency(p, err)
	}
	if !p.config.Quiet && !p.wantsJSON() {
		for _, warning := range scheduleWarnings(frequency, from, local) {
			p.note("%s", warning)
		}
	}
	return p.print(newScheduleDocument(frequency, from, local, o))
}

// badFrequency returns the error of an invalid frequency. It prints a line that points at the wrong part.
func badFrequency(p *printer, err error) error {
	if syntax, ok := errors.AsType[*schedule.SyntaxError](err); ok && !p.wantsJSON() {
		fmt.Fprintln(p.streams.Err, syntax.Pointer())
	}
	return &usageError{err}
}

// scheduleDocument explains a frequency.
type scheduleDocument struct {
	Frequency    string
	Kind         schedule.Kind
	Words        string
	TimeZone     string // empty if that of the instance applies
	Next         []string
	AgentNext    []string
	AgentSilent  bool
	ClockChanges []clockChangeRecord

	agent bool // the table has AgentNext
}

// clockChangeRecord is a change of clocks within a year at which instances do not keep to the calendar.
type clockChangeRecord struct {
	Time         string
	CalendarOnly []string
	AgentOnly    []string
	LastTime     string // empty if the agents continue
}

func newScheduleDocument(f *schedule.Frequency, from time.Time, local *time.Location, o *scheduleOptions) *scheduleDocument {
	zone, _ := f.Location()
	fires, silent := f.AgentFires(from, local, o.count)
	d := &scheduleDocument{
		Frequency: f.String(), Kind: f.Kind(), Words: f.Words(), TimeZone: zone,
		Next: formatTimes(f.Fires(from, local, o.count)), AgentNext: formatTimes(fires), AgentSilent: silent,
		ClockChanges: []clockChangeRecord{}, agent: o.agent,
	}
	for _, c := range f.ClockChanges(from, from.AddDate(1, 0, 0), local) {
		d.ClockChanges = append(d.ClockChanges, clockChangeRecord{
			formatTime(c.Time), formatTimes(c.Calendar), formatTimes(c.Agent), formatTime(c.Last),
		})
	}
	return d
}

// formatTimes returns times as documents write them.
func formatTimes(times []time.Time) []string {
	texts := []string{}
	for _, t := range times {
		texts = append(texts, formatTime(t))
	}
	return texts
}

// Records returns the document.
func (d *scheduleDocument) Records() iter.Seq2[any, error] {
	return render.Records([]*scheduleDocument{d})
}

// Record returns an empty document.
func (d *scheduleDocument) Record() any { return scheduleDocument{} }

// WriteTable writes the explanation, then a line for each time.
func (d *scheduleDocument) WriteTable(w io.Writer, style render.Style) error {
	if _, err := fmt.Fprintln(w, style.Paint.Bold(d.Words)); err != nil {
		return err
	}
	next, end := d.Next, ""
	if d.agent {
		next = d.AgentNext
	}
	switch {
	case d.agent && d.AgentSilent:
		end = "then it does not run until the agent is restarted"
	case len(next) == 0:
		end = "it never runs again"
	}
	for _, line := range next {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	if end == "" {
		return nil
	}
	_, err := fmt.Fprintln(w, end)
	return err
}
