package report

import (
	"iter"
	"strconv"
	"time"

	"muster/pkg/fleet"
)

// row is a target in the table.
type row struct {
	Cause, Mark, Class            string
	Id, Name, Region, Profile     string
	Wave                          int
	Exit, Took                    string
	Sent, Accepted, Started, Over string
	Info                          string
	Bucket, Line, Group           int
	Course                        string
	Breaks                        bool // it is the first of those that are laid out together
}

// manyRows is the number of rows that a browser lays out together.
const manyRows = 100

// Rows returns the targets in their order.
func (p page) Rows() iter.Seq[row] {
	return func(yield func(row) bool) {
		edges, kinds := buckets(), appearances()
		for i := range p.run.State.Targets {
			t := &p.run.State.Targets[i]
			c, kind := p.run.courses[i], kinds[appearanceIndex(t.Cause)]
			r := row{
				Cause: kind.Name, Mark: kind.Mark, Class: kind.Class, Id: shown(t.InstanceId), Name: shown(t.InstanceName), Region: shown(t.Site.RegionId),
				Profile: shown(t.Site.Profile), Wave: t.Wave, Info: info(t), Group: p.of[i], Line: p.places[i],
				Sent: p.run.clock(c.sent), Accepted: p.run.clock(c.accepted), Started: p.run.clock(c.started), Over: p.run.clock(c.ended),
				Bucket: bucketOf(t, edges), Course: p.run.drawn[i].list(), Breaks: i > 0 && i%manyRows == 0,
			}
			if code, ok := t.Exited(); ok {
				r.Exit = strconv.FormatInt(code, 10)
			}
			if d, ok := took(t); ok {
				r.Took = seconds(int64(d / time.Second))
			}
			if !yield(r) {
				return
			}
		}
	}
}

// info returns why a target did not succeed, unless the exit code says it.
func info(t *fleet.TargetState) string {
	if t.Cause == fleet.CauseExit && t.ErrorCode == "ExitCodeNonzero" {
		return ""
	}
	text := t.ErrorCode
	if t.ErrorInfo != "" {
		text += ": " + t.ErrorInfo
	}
	return shown(text)
}
