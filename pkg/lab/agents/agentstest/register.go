package agentstest

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// RegistrationError reports that the server has refused a registration.
type RegistrationError struct {
	Code    int
	ErrCode string
	ErrMsg  string
}

// Error returns what the server has said.
func (e *RegistrationError) Error() string {
	return fmt.Sprintf("register failed: %d %s %s", e.Code, e.ErrCode, e.ErrMsg)
}

// Register registers the host, and deregisters nothing before.
func (a *Agent) Register(ctx context.Context) error {
	if a.InstanceID() != "" {
		return errors.New("the agent is registered already")
	}
	public, err := x509.MarshalPKIXPublicKey(&a.key.PublicKey)
	if err != nil {
		return fmt.Errorf("encode the public key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	type tag struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	tags := []tag{}
	for key, value := range a.o.Tags {
		tags = append(tags, tag{key, value})
	}
	slices.SortFunc(tags, func(x, y tag) int { return strings.Compare(x.Key, y.Key) })
	fields := map[string]any{
		"activationId": a.o.ActivationId, "activationCode": a.o.ActivationCode, "machineId": a.o.MachineId, "regionId": a.o.RegionId,
		"instanceName": a.o.InstanceName, "hostname": a.o.Hostname, "intranetIp": "<nil>", "osVersion": "Linux_#1 SMP_x86_64",
		"osType": a.o.OSType, "agentVersion": a.version(), "publicKey": base64.StdEncoding.EncodeToString(text), "tag": tags,
	}
	if a.fingerprint != "" {
		fields["fingerprint"] = a.fingerprint
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("encode the registration: %w", err)
	}
	answer, err := a.post(ctx, "/luban/api/instance/register", body)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	var registered struct {
		Code       int    `json:"code"`
		InstanceID string `json:"instanceId"`
		ErrCode    string `json:"errCode"`
		ErrMsg     string `json:"errMsg"`
	}
	if err := json.Unmarshal(answer, &registered); err != nil {
		return fmt.Errorf("read the answer to the registration: %w", err)
	}
	if registered.Code != 200 {
		return &RegistrationError{registered.Code, registered.ErrCode, registered.ErrMsg}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.registered = registration{registered.InstanceID, a.o.MachineId}
	return nil
}

// Deregister removes the registration, even if the server does not answer.
func (a *Agent) Deregister(ctx context.Context) error {
	_, err := a.post(ctx, "/luban/api/instance/deregister", nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.registered, a.deleted = registration{}, true
	return err
}

// Deregistered reports whether the agent has given up its registration.
func (a *Agent) Deregistered() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.deleted
}
