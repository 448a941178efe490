package agents

import (
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// endpoint is a path that hosts call.
type endpoint struct {
	method    string
	anonymous bool // no proof of identity is required
	serve     func(*request) (answer any, err error)
}

// success is the answer to everything that an agent only wants to get rid of.
type success struct {
	Code int `json:"code"`
}

// routes returns the endpoints by path.
func (s *Server) routes() map[string]endpoint {
	all := map[string]endpoint{
		"/luban/api/instance/register":          {http.MethodPost, true, s.register},
		"/luban/api/instance/deregister":        {http.MethodPost, false, s.deregister},
		"/luban/api/heart-beat":                 {http.MethodGet, false, s.heartbeat},
		"/luban/notify_server":                  {http.MethodGet, false, s.openChannel},
		"/luban/api/connection_detect":          {http.MethodGet, true, detectConnection},
		"/luban/api/v1/task/list":               {http.MethodPost, false, s.taskList},
		"/luban/api/v1/session/list":            {http.MethodPost, false, sessionList},
		"/luban/api/v1/update/update_check":     {http.MethodPost, false, updateCheck},
		"/luban/api/v1/session/status":          {http.MethodPost, false, noted},
		"/luban/api/metrics":                    {http.MethodPost, false, noted},
		"/luban/api/v1/exception/client_report": {http.MethodPost, false, noted},

		"/luban/api/instance/list_instance_state_configurations": {http.MethodPost, false, noted},
		"/luban/api/instance/get_template":                       {http.MethodPost, false, noted},
		"/luban/api/instance/put_inventory":                      {http.MethodPost, false, noted},
		"/luban/api/instance/put_instance_state_report":          {http.MethodPost, false, noted},
	}
	for name := range reportKinds() {
		all["/luban/api/v1/task/"+name] = endpoint{http.MethodPost, false, serveReport(s, name)}
	}
	return all
}

// endpoint returns the endpoint of a path.
func (s *Server) endpoint(path string) (endpoint, bool) {
	if strings.HasPrefix(path, "/luban/api/v1/plugin/") || strings.HasPrefix(path, "/luban/api/v2/plugin/") {
		return endpoint{http.MethodPost, false, noted}, true
	}
	e, known := s.endpoints[path]
	return e, known
}

func noted(r *request) (any, error) {
	if err := r.discardBody(); err != nil {
		return nil, err
	}
	return success{http.StatusOK}, nil
}

func detectConnection(r *request) (any, error) {
	r.writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(r.writer, "ok")
	return nil, nil
}

func sessionList(r *request) (any, error) {
	if err := r.discardBody(); err != nil {
		return nil, err
	}
	return struct {
		success
		Session []struct{} `json:"session"`
	}{success{http.StatusOK}, []struct{}{}}, nil
}

func updateCheck(r *request) (any, error) {
	if err := r.discardBody(); err != nil {
		return nil, err
	}
	return struct {
		NeedUpdate int `json:"needUpdate"`
	}{}, nil
}

func (s *Server) deregister(r *request) (any, error) {
	if err := r.discardBody(); err != nil {
		return nil, err
	}
	if err := s.lab.Deregister(r.Context(), r.instanceID); err != nil {
		return nil, err
	}
	s.Disconnect(r.instanceID) // agents keep their channel otherwise, until they are started again
	return success{http.StatusOK}, nil
}

func (s *Server) heartbeat(r *request) (any, error) {
	s.lab.Heartbeat(r.instanceID, readHeartbeat(r))
	interval := s.options.HeartbeatInterval
	if interval <= 0 {
		interval = 55*time.Second + rand.N(10*time.Second)
	}
	return struct {
		NextInterval int64 `json:"nextInterval"` // milliseconds
	}{interval.Milliseconds()}, nil
}

// readHeartbeat reads the parameters of a heartbeat. Those that cannot be read count as unknown.
func readHeartbeat(r *request) Heartbeat {
	h := Heartbeat{
		AgentVersion: r.agent.version,
		First:        r.query.Has("cold_start"),
		ColdStart:    r.query.Get("cold_start") == "true",
		OsVersion:    cleaned(r.query.Get("os_version"), maxOsVersion),
		Remote:       r.remote,
	}
	const longest = int64(100 * 365 * 24 * time.Hour / time.Millisecond)
	if uptime, err := strconv.ParseInt(r.query.Get("uptime"), 10, 64); err == nil && uptime > 0 && uptime < longest {
		h.Uptime = time.Duration(uptime) * time.Millisecond
	}
	return h
}
