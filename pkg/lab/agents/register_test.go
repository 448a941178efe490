package agents

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// encodedKey returns a public key as agents send it.
func encodedKey(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// registrationFields returns the fields of a registration.
func registrationFields(t testing.TB) map[string]any {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"activationCode": "a-b+c/d=", "activationId": "4F2D7E6A-9C1B", "machineId": "4f2d7e6a", "regionId": "cn-hangzhou",
		"instanceName": "数据库 1", "hostname": "db-1.example.com", "intranetIp": "10.0.0.7", "osVersion": "Linux_#1 SMP_x86_64",
		"osType": "linux", "agentVersion": "2.2.3.578", "publicKey": encodedKey(t, &key.PublicKey),
		"tag": []map[string]string{{"key": "env", "value": "prod"}}, "forceReuse": true,
	}
}

func encode(t testing.TB, fields map[string]any) []byte {
	t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestParseRegistration(t *testing.T) {
	got, err := parseRegistration(encode(t, registrationFields(t)))
	if err != nil {
		t.Fatal(err)
	}
	got.PublicKey = nil
	want := Registration{
		ActivationId: "4F2D7E6A-9C1B", ActivationCode: "a-b+c/d=", RegionId: "cn-hangzhou", InstanceName: "数据库 1", Hostname: "db-1.example.com",
		MachineId: "4f2d7e6a", IntranetIp: "10.0.0.7", OsType: "linux", OsVersion: "Linux_#1 SMP_x86_64", AgentVersion: "2.2.3.578",
		Tags: []Tag{{"env", "prod"}},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(x, y netip.Addr) bool { return x == y })); diff != "" {
		t.Error(diff)
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"<nil>": "", "": "", "10.0.0.7": "10.0.0.7", "::ffff:10.0.0.7": "10.0.0.7", "fe80::1%eth0": "fe80::1", "10.0.0.7; reboot": "",
	} {
		if got := address(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestRefusedRegistrations(t *testing.T) {
	many := make([]map[string]string, 21)
	for i := range many {
		many[i] = map[string]string{"key": strings.Repeat("k", i+1), "value": ""}
	}
	for _, c := range []struct {
		field string
		value any
		want  string
	}{
		{"activationId", "", "InvalidParameter.activationId"},
		{"activationId", "a b", "InvalidParameter.activationId"},
		{"activationCode", "", "InvalidParameter.activationCode"},
		{"activationCode", strings.Repeat("a", 129), "InvalidParameter.activationCode"},
		{"activationCode", "a\nb", "InvalidParameter.activationCode"},
		{"machineId", "../x", "InvalidParameter.machineId"},
		{"fingerprint", "a b", "InvalidParameter.fingerprint"},
		{"regionId", "cn_hangzhou", "InvalidParameter.regionId"},
		{"instanceName", "a\x1b[31m", "InvalidParameter.instanceName"},
		{"instanceName", strings.Repeat("数", 129), "InvalidParameter.instanceName"},
		{"hostname", "a\x00", "InvalidParameter.hostname"},
		{"hostname", "a\u202eb", "InvalidParameter.hostname"},
		{"osType", "plan9", "InvalidParameter.osType"},
		{"osVersion", strings.Repeat("x", 257), "InvalidParameter.osVersion"},
		{"agentVersion", "", "InvalidParameter.agentVersion"},
		{"agentVersion", "2.2 3", "InvalidParameter.agentVersion"},
		{"tag", many, "InvalidParameter.tag"},
		{"tag", []map[string]string{{"key": "a"}, {"key": "a"}}, "InvalidParameter.tag"},
		{"tag", []map[string]string{{"key": ""}}, "InvalidParameter.tag"},
		{"tag", "text", "InvalidParameter"},
		{"publicKey", "", "InvalidParameter.publicKey"},
		{"publicKey", "%", "InvalidParameter.publicKey"},
		{"publicKey", base64.StdEncoding.EncodeToString([]byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")), "InvalidParameter.publicKey"},
	} {
		fields := maps.Clone(registrationFields(t))
		fields[c.field] = c.value
		_, err := parseRegistration(encode(t, fields))
		refused, ok := errors.AsType[*RefusedError](err)
		if !ok || refused.Code != c.want || refused.Text == "" {
			t.Errorf("%s = %v: got %v", c.field, c.value, err)
		}
	}
}

func FuzzParseRegistration(f *testing.F) {
	f.Add(encode(f, registrationFields(f)))
	f.Add([]byte(`{"tag":[{"key":"a"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parseRegistration(body)
		if err != nil {
			if _, ok := errors.AsType[*RefusedError](err); !ok {
				t.Errorf("%v is no RefusedError", err)
			}
			return
		}
		for _, text := range []string{r.InstanceName, r.Hostname, r.OsVersion, r.IntranetIp, r.MachineId, r.AgentVersion} {
			if !printable(text, 512) || !utf8.ValidString(text) {
				t.Errorf("%q was accepted", text)
			}
		}
		if _, err := ParsePublicKey(r.PublicKey); err != nil {
			t.Error(err)
		}
	})
}
