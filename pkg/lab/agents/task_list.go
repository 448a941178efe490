package agents

import (
	"net/http"
	"time"
)

// buildAcceptsRoot is the first build that may accept a script of the account root. Build 578 refuses it.
const buildAcceptsRoot = 631

func (s *Server) taskList(r *request) (any, error) {
	if err := r.discardBody(); err != nil {
		return nil, err
	}
	q, err := readListRequest(r)
	if err != nil {
		return nil, err
	}
	r.log.TaskId = q.TaskId
	list, err := s.lab.Tasks(r.Context(), r.instanceID, q)
	if err != nil {
		return nil, err
	}
	return s.encodeList(r, list)
}

// readListRequest reads the parameters of a task list.
func readListRequest(r *request) (ListRequest, error) {
	q := ListRequest{
		Startup:  r.query.Get("reason") == "startup",
		TaskId:   r.query.Get("taskId"),
		Version:  r.agent.version,
		TimeZone: r.query.Get("timeZone"),
	}
	q.ColdStart = q.Startup && r.query.Get("cold_start") == "true"
	if q.TaskId != "" && !wellFormedID(q.TaskId) {
		return ListRequest{}, malformed("The task id is not well-formed.")
	}
	if !made(q.TimeZone, "-_+/:", 64) {
		q.TimeZone = ""
	}
	return q, nil
}

// encodeList returns a list for the wire. Stops of tasks that may just be starting are held back: the host is notified again. Tasks and files that must not be handed out are left out, and reported as Invalid.
func (s *Server) encodeList(r *request, l List) (wireList, error) {
	osType := r.agent.osType
	refusesRoot := s.options.OlderBuild(osType, r.agent.version, buildAcceptsRoot)
	wire := wireList{
		Code: http.StatusOK, InstanceId: r.instanceID,
		Run: []wireItem{}, Stop: []wireItem{}, Test: []wireItem{}, File: []wireFile{}, Session: []struct{}{},
	}
	encode := func(to *[]wireItem, tasks []Task) error {
		for _, t := range tasks {
			if invalid := t.Check(osType); invalid != nil {
				if err := s.reportInvalid(r, Report{TaskId: t.Id, Version: t.Version}, invalid); err != nil {
					return err
				}
				continue
			}
			*to = append(*to, t.encode(refusesRoot))
		}
		return nil
	}
	if err := encode(&wire.Run, l.Run); err != nil {
		return wireList{}, err
	}
	for _, item := range wire.Run {
		s.begun.handedOut(r.instanceID, item.Task.TaskID)
	}
	if err := encode(&wire.Test, l.Test); err != nil {
		return wireList{}, err
	}
	var hold time.Duration
	for _, t := range l.Stop {
		if invalid := t.checkStop(); invalid != nil {
			s.options.Log.Error("a stop must not be handed out", "instance", r.instanceID, "task", t.Id, "error", invalid)
			continue
		}
		if wait := s.begun.wait(r.instanceID, t.Id); wait > 0 {
			hold = max(hold, wait)
			continue
		}
		wire.Stop = append(wire.Stop, t.encodeStop())
	}
	if hold > 0 {
		time.AfterFunc(hold, func() { s.Kick(r.instanceID, Kick{Action: KickFetch}) })
	}
	for _, file := range l.Files {
		if invalid := file.Check(osType); invalid != nil {
			if err := s.reportInvalid(r, Report{TaskId: file.Id, File: true}, invalid); err != nil {
				return wireList{}, err
			}
			continue
		}
		wire.File = append(wire.File, file.encode())
	}
	return wire, nil
}

// reportInvalid reports a task or file that must not be handed out in the name of the host.
func (s *Server) reportInvalid(r *request, report Report, invalid *FieldError) error {
	s.options.Log.Error("a task must not be handed out", "instance", r.instanceID, "task", report.TaskId, "error", invalid)
	report.Kind, report.Param, report.ErrorDesc = Invalid, invalid.Field, invalid.Error()
	return s.lab.Report(r.Context(), r.instanceID, report)
}
