package agents

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// reportKinds returns the kinds of reports by the last element of their path.
func reportKinds() map[string]ReportKind {
	return map[string]ReportKind{
		"running": Running, "finish": Finished, "timeout": TimedOut, "error": Failed,
		"stopped": Stopped, "invalid": Invalid, "verified": Verified,
	}
}

// serveReport returns the endpoint of a kind of reports.
func serveReport(s *Server, name string) func(*request) (any, error) {
	kind := reportKinds()[name]
	return func(r *request) (any, error) {
		report, err := parseReport(kind, r.query)
		if err != nil {
			return nil, err
		}
		r.log.TaskId = report.TaskId
		if report.Output, err = r.body(maxOutput); err != nil {
			return nil, err
		}
		if kind == Running && len(report.Output) == 0 {
			s.begun.started(r.instanceID, report.TaskId)
			defer s.begun.started(r.instanceID, report.TaskId) // agents wait for the answer
		}
		if err := s.lab.Report(r.Context(), r.instanceID, report); err != nil {
			return nil, err
		}
		return success{http.StatusOK}, nil
	}
}

// parseReport reads the parameters of a report. If a parameter is given more than once, the first counts: agents that do not encode
// values put them last.
func parseReport(kind ReportKind, query url.Values) (Report, error) {
	r := Report{Kind: kind, TaskId: query.Get("taskId"), File: query.Get("taskType") == "sendfile"}
	if !wellFormedID(r.TaskId) {
		return Report{}, malformed("The task id is not well-formed.")
	}
	if r.File {
		return r.file(query)
	}
	p := parameters{query: query}
	r.Version = int(p.number("invokeVersion", 0, 1<<30))
	r.Start, r.End = p.time("start"), p.time("end")
	r.ExitCode = int(p.number(exitCodeName(query), -1<<31, 1<<32-1))
	r.Dropped = p.number("dropped", 0, 1<<53)
	if p.refused != nil {
		return Report{}, p.refused
	}
	switch kind {
	case Failed, Stopped:
		r.ErrorCode, r.ErrorDesc = cleaned(query.Get("errCode"), 64), cleaned(query.Get("errDesc"), 255)
		r.Completed = kind == Stopped && query.Get("result") == "completed"
	case Invalid:
		r.Param, r.ErrorDesc = cleaned(query.Get("param"), 64), cleaned(query.Get("value"), 255)
	}
	return r, nil
}

// file reads the parameters of a report of a file.
func (r Report) file(query url.Values) (Report, error) {
	switch r.Kind {
	case Finished:
		r.Kind, r.FileWritten = FileEnded, query.Get("status") == "Success"
		p := parameters{query: query}
		if r.FileError = int(p.number("errorcode", -1<<31, 1<<31-1)); p.refused != nil {
			return Report{}, p.refused
		}
		return r, nil
	case Invalid:
		r.Param, r.ErrorDesc = cleaned(query.Get("param"), 64), cleaned(query.Get("value"), 255)
		return r, nil
	default:
		return Report{}, malformed("Files have no such report.")
	}
}

// exitCodeName returns the name of the parameter exitCode, which stopped spells in lower case.
func exitCodeName(query url.Values) string {
	for name := range query {
		if strings.EqualFold(name, "exitCode") {
			return name
		}
	}
	return "exitCode"
}

// parameters reads numbers of a query, and remembers the first one that cannot be read.
type parameters struct {
	query   url.Values
	refused error
}

// number returns a number between least and most, and 0 if there is none.
func (p *parameters) number(name string, least, most int64) int64 {
	text := p.query.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		if p.refused == nil {
			p.refused = malformed("The parameter %s is not well-formed.", cleaned(name, 32))
		}
		return 0
	}
	return n
}

// time returns a number of milliseconds since 1970 as a time, and the zero time for 0.
func (p *parameters) time(name string) time.Time {
	const last = 253402300799999 // of the year 9999
	ms := p.number(name, 0, last)
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
