package agents

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"unicode/utf8"
)

const (
	maxName      = 128
	maxOsVersion = 256
	maxTags      = 20
)

// registrationRequest is the body of a registration.
type registrationRequest struct {
	ActivationCode string            `json:"activationCode"`
	ActivationId   string            `json:"activationId"`
	MachineId      string            `json:"machineId"`
	Fingerprint    string            `json:"fingerprint"`
	RegionId       string            `json:"regionId"`
	InstanceName   string            `json:"instanceName"`
	Hostname       string            `json:"hostname"`
	IntranetIp     string            `json:"intranetIp"`
	OsVersion      string            `json:"osVersion"`
	OsType         string            `json:"osType"`
	AgentVersion   string            `json:"agentVersion"`
	PublicKey      string            `json:"publicKey"`
	Tag            []registrationTag `json:"tag"`
}

type registrationTag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// registrationAnswer is the answer to a registration. Agents show it as a whole to whoever registers the host, if Code is not 200.
type registrationAnswer struct {
	Code       int    `json:"code"`
	InstanceId string `json:"instanceId,omitempty"`
	ErrCode    string `json:"errCode,omitempty"`
	ErrMsg     string `json:"errMsg,omitempty"`
}

func (s *Server) register(r *request) (any, error) {
	body, err := r.body(maxRegistration)
	if err != nil {
		return nil, err
	}
	registration, err := parseRegistration(body)
	if err == nil {
		registration.Remote = r.remote
		var id string
		if id, err = s.lab.Register(r.Context(), registration); err == nil {
			r.log.InstanceId = id
			return registrationAnswer{Code: http.StatusOK, InstanceId: id}, nil
		}
	}
	refused, expected := errors.AsType[*RefusedError](err)
	if !expected {
		return nil, err
	}
	r.log.ErrMsg = refused.Text
	return registrationAnswer{Code: http.StatusForbidden, ErrCode: refused.Code, ErrMsg: refused.Text}, nil
}

// parseRegistration reads and checks the body of a registration. The error is a [*RefusedError].
func parseRegistration(body []byte) (Registration, error) {
	var q registrationRequest
	if err := json.Unmarshal(body, &q); err != nil {
		return Registration{}, &RefusedError{"InvalidParameter", "The registration is not well-formed JSON."}
	}
	if err := q.check(); err != nil {
		return Registration{}, err
	}
	key, err := decodePublicKey(q.PublicKey)
	if err != nil {
		return Registration{}, &RefusedError{"InvalidParameter.publicKey", fmt.Sprintf("The registration is refused: %v.", err)}
	}
	r := Registration{
		ActivationId: q.ActivationId, ActivationCode: q.ActivationCode, RegionId: q.RegionId,
		InstanceName: q.InstanceName, Hostname: q.Hostname, MachineId: q.MachineId, Fingerprint: q.Fingerprint,
		IntranetIp: address(q.IntranetIp), OsType: q.OsType, OsVersion: q.OsVersion, AgentVersion: q.AgentVersion, PublicKey: key,
	}
	for _, t := range q.Tag {
		r.Tags = append(r.Tags, Tag(t))
	}
	return r, nil
}

// check returns a [*RefusedError] that names the first field that is not well-formed.
func (q registrationRequest) check() error {
	for _, field := range []struct {
		name  string
		valid bool
	}{
		{"activationId", made(q.ActivationId, "-_", 64)},
		{"activationCode", made(q.ActivationCode, "-_+/=", 128)},
		{"machineId", q.MachineId == "" || made(q.MachineId, "-_.:{}", 128)},
		{"fingerprint", q.Fingerprint == "" || made(q.Fingerprint, "-_.:+/=", 256)},
		{"regionId", q.RegionId == "" || made(q.RegionId, "-", 64)},
		{"instanceName", shownName(q.InstanceName)},
		{"hostname", shownName(q.Hostname)},
		{"osType", wellFormedOS(q.OsType)},
		{"osVersion", printable(q.OsVersion, maxOsVersion)},
		{"agentVersion", wellFormedVersion(q.AgentVersion)},
		{"tag", wellFormedTags(q.Tag)},
	} {
		if !field.valid {
			return &RefusedError{"InvalidParameter." + field.name, fmt.Sprintf("The %s of the registration is not well-formed.", field.name)}
		}
	}
	return nil
}

func shownName(name string) bool {
	return printable(name, utf8.UTFMax*maxName) && utf8.RuneCountInString(name) <= maxName
}

func wellFormedTags(tags []registrationTag) bool {
	keys := make(map[string]bool, len(tags))
	for _, t := range tags {
		if t.Key == "" || keys[t.Key] || !shownName(t.Key) || !shownName(t.Value) {
			return false
		}
		keys[t.Key] = true
	}
	return len(tags) <= maxTags
}

// address returns an IP address as it is usually written, or "" for anything else: agents without an address send <nil>.
func address(text string) string {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	return ip.WithZone("").Unmap().String()
}
